"""`python -m segcore`."""

import sys

if sys.version_info < (3, 11):  # noqa: UP036  (whoever runs it by hand may have an older one, and deserves a sentence)
    sys.exit("Segcore needs Python 3.11 or newer; this is " + sys.version.split()[0] + ".")

from segcore.cli import main

if __name__ == "__main__":
    main()

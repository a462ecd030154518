#!/bin/sh
# Makes sure that the tests have a browser: one that is installed, else Debian's, else Playwright's own.
# Usage: chromium.sh PYTHON. Without one the browser tests are skipped, and under CI it is a failure.
set -u

found() {
    for name in chromium chromium-browser google-chrome google-chrome-stable; do
        command -v "$name" >/dev/null 2>&1 && return 0
    done
    "$1" - <<'PYTHON' >/dev/null 2>&1
import os, sys
from playwright.sync_api import sync_playwright
with sync_playwright() as playwright:
    sys.exit(not os.path.exists(playwright.chromium.executable_path))
PYTHON
}

found "$1" && exit 0

if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium with apt-get"
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends chromium; } >/dev/null 2>&1
    found "$1" && exit 0
fi

echo "Installing Chromium with Playwright (60 s at most)"
timeout 60 "$1" -m playwright install chromium >/dev/null 2>&1
found "$1" && exit 0

echo "No Chromium could be found or installed: install chromium or google-chrome." >&2
if [ -n "${CI:-}" ]; then exit 1; fi
echo "The tests that need a browser will be skipped." >&2

"""Opens a file for reading: what format it is, how its text is encoded, and what it certainly is not."""

import codecs
import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from segcore.problems import SegcoreError

FORMATS = (".csv", ".csv.gz", ".parquet", ".jsonl")
_GZIP = b"\x1f\x8b"
_PARQUET = b"PAR1"
_ARCHIVES = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
    (b"PK\x05\x06", "a ZIP archive"),
    (_GZIP, "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-Zip archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"Rar!", "a RAR archive"),
    (b"\xd0\xcf\x11\xe0", "an Excel workbook"),
    (_PARQUET, "a Parquet file"),
    (b"%PDF", "a PDF"),
)
# The longer marks first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_MARKED = {"utf-8": "utf-8-sig", "utf-8-sig": "utf-8-sig", "utf-16": "utf-16", "utf-32": "utf-32"}


@dataclass(frozen=True, slots=True)
class Source:
    """A file on disk, or one that came over the web and is held in memory."""

    path: Path | None = None
    content: bytes = field(default=b"", repr=False)
    name: str = ""
    upload: bool = False

    @staticmethod
    def of(source: "Source | Path | str | bytes", name: str = "", *, upload: bool = False) -> "Source":
        """A path, or the bytes of an upload; uploads are CSV and nothing else."""
        if isinstance(source, Source):
            return source
        if isinstance(source, bytes):
            return Source(content=source, name=name or "upload.csv", upload=True)
        path = Path(source)
        # A name that is no text is possible on disk, and no database would keep it.
        shown = (name or path.name).encode("utf-8", "replace").decode().replace("\x00", "")
        return Source(path=path, name=shown[-255:], upload=upload)

    @property
    def format(self) -> str:
        """One of FORMATS, by its name, and checked against how it begins."""
        start = self.start()
        if self.upload:
            for mark, noun in _ARCHIVES:
                if start.startswith(mark):
                    raise SegcoreError(
                        f"“{self.name}” is {noun}, and only CSV is accepted here.",
                        "Save it as CSV, or use the command line.",
                    )
            return ".csv"
        name = self.name.lower()
        found = next((suffix for suffix in FORMATS if name.endswith(suffix)), None)
        if found is None:
            raise SegcoreError(
                f"“{self.name}” is none of {', '.join(FORMATS)}.", "Give the file the ending of what it is."
            )
        for mark, noun in _ARCHIVES:
            expected = (mark == _GZIP and found == ".csv.gz") or (mark == _PARQUET and found == ".parquet")
            if start.startswith(mark) and not expected:
                raise SegcoreError(f"“{self.name}” is {noun}, not {found}.", "Give the file the ending of what it is.")
        return found

    def start(self) -> bytes:
        """Its first bytes, as they are on disk."""
        with self.binary() as file:
            return file.read(8)

    def stamp(self) -> tuple[int, int]:
        """What changes when the file does."""
        if self.path is None:
            return len(self.content), zlib.crc32(self.content)
        try:
            found = self.path.stat()
        except OSError as error:
            raise _missing(self, error) from None
        return found.st_size, found.st_mtime_ns

    @contextmanager
    def binary(self) -> Iterator[BinaryIO]:
        """Its bytes from the start."""
        if self.path is None:
            yield io.BytesIO(self.content)
            return
        try:
            file = self.path.open("rb")
        except OSError as error:
            raise _missing(self, error) from None
        with file:
            yield file

    def encoding(self, named: str | None) -> str:
        """Python's name of the encoding: the one that was named, else what a byte-order mark says, else UTF-8."""
        if named is None:
            with self.text_bytes() as file:
                start = file.read(4)
            return next((encoding for mark, encoding in _MARKS if start.startswith(mark)), "utf-8")
        try:
            known = codecs.lookup(named)
            # Codecs like "base64" are no encodings of text; the wrapper is what says so.
            io.TextIOWrapper(io.BytesIO(), encoding=known.name)
        except (LookupError, UnicodeError, ValueError):
            raise SegcoreError(
                f"“{named}” is no encoding that is known here.",
                "--encoding latin-1 or --encoding windows-1252, for example.",
            ) from None
        return _MARKED.get(known.name, known.name)

    @contextmanager
    def text_bytes(self) -> Iterator[BinaryIO]:
        """Its bytes, unpacked."""
        with self.binary() as file:
            if self.format != ".csv.gz":
                yield file
                return
            try:
                with gzip.open(file, "rb") as unpacked:
                    yield cast(BinaryIO, unpacked)
            except (gzip.BadGzipFile, EOFError, zlib.error):
                raise SegcoreError(
                    f"“{self.name}” is damaged: it cannot be unpacked to its end.", "Fetch or make it again."
                ) from None

    @contextmanager
    def text(self, encoding: str) -> Iterator[TextIO]:
        """Its text with every line end as it was written; what cannot be decoded refuses the file."""
        with self.text_bytes() as file:
            wrapped = io.TextIOWrapper(file, encoding=encoding, errors="strict", newline="")
            try:
                yield wrapped
            except UnicodeError:
                raise self._undecodable(encoding) from None
            finally:
                wrapped.detach()

    def _undecodable(self, encoding: str) -> SegcoreError:
        name = encoding.removesuffix("-sig").upper()
        return SegcoreError(
            f"“{self.name}” is not {name} throughout. Say what it is with --encoding NAME.",
            "Files from older spreadsheets are often windows-1252 or latin-1.",
        )


def _missing(source: Source, error: OSError) -> SegcoreError:
    return SegcoreError(
        f"“{source.path}” cannot be read: {(error.strerror or 'unknown reason').lower()}.", "Check the path."
    )

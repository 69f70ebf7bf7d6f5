"""An audit log as a file: CSV, plain, gzipped or alone in a zip archive."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from deskstream_platform.errors import PlatformError
from deskstream_platform.replay.mapping import File

_GZIP: Final = b"\x1f\x8b"
_ZIP: Final = b"PK"
_LONGEST_CELL: Final = 1 << 20
# The byte order mark that spreadsheets put before UTF-8 is no part of the first column's name.
_WITH_MARK: Final = {"utf-8": "utf-8-sig", "utf8": "utf-8-sig"}
_BROKEN: Final = (zipfile.BadZipFile, gzip.BadGzipFile, zlib.error, EOFError, RuntimeError)

Line = tuple[int, Sequence[str]]
"""Where a row begins, and its cells."""


def lines_of(path: Path, form: File) -> Iterator[Line]:
    """The header and the rows. What cannot be decoded becomes lone surrogates."""
    encoding = _WITH_MARK.get(form.encoding.lower(), form.encoding)
    try:
        with _opened(path) as raw:
            text = io.TextIOWrapper(raw, encoding, errors="surrogateescape", newline="")
            yield from _read(text, form.delimiter, path)
    except OSError as error:
        raise PlatformError(f"{path} cannot be read: {error.strerror or error}.") from error
    except UnicodeError as error:
        raise PlatformError(
            f"{path} is not written in {form.encoding}; name its encoding in [file] of the mapping."
        ) from error
    except _BROKEN as error:
        raise PlatformError(f"{path} cannot be unpacked: {error}.") from error


def _read(text: IO[str], delimiter: str, path: Path) -> Iterator[Line]:
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(text, delimiter=delimiter, strict=True)
    before = 0
    try:
        for cells in reader:
            if cells:
                yield before + 1, cells
            before = reader.line_num
    except csv.Error as error:
        raise PlatformError(
            f"{path} cannot be read on from line {before + 1}: {error}."
            " Most likely a quotation mark there is never closed."
        ) from error


@contextmanager
def _opened(path: Path) -> Iterator[IO[bytes]]:
    with path.open("rb") as raw:
        begins = raw.read(2)
        raw.seek(0)
        if begins == _GZIP:
            with gzip.open(raw) as unpacked:
                yield io.BufferedReader(unpacked)
        elif begins == _ZIP:
            with zipfile.ZipFile(raw) as archive, archive.open(_only_file(archive, path)) as member:
                yield member
        else:
            yield raw


def _only_file(archive: zipfile.ZipFile, path: Path) -> zipfile.ZipInfo:
    members = [one for one in archive.infolist() if not one.is_dir()]
    if len(members) != 1:
        names = ", ".join(one.filename for one in members) or "nothing"
        raise PlatformError(f"{path} holds {names}; a log is one file, alone in its archive.")
    return members[0]

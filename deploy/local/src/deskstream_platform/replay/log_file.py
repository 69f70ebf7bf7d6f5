"""An audit log as a file: CSV, plain, gzipped or alone in a zip archive."""

import csv
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
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

# What a quotation mark that is never closed leads to; everything after it is lost.
_UNCLOSED: Final = "unexpected end of data"


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file.

    Args:
        number: of the line in which it begins.
        fault: why it could not be taken apart, if so.
    """

    number: int
    cells: Sequence[str]
    fault: str | None = None


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
    while True:
        number = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            if str(error) == _UNCLOSED:
                raise PlatformError(
                    f"{path} cannot be read on from line {number}:"
                    " a quotation mark that opens there is never closed."
                ) from error
            yield Line(number, (), str(error))
        else:
            if cells:
                yield Line(number, cells)


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

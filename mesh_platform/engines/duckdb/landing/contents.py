"""Unpacks and decodes a source file: what comes out is plain UTF-8 text."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import shutil
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import IO, Any

from mesh_platform.engines.duckdb.landing.faults import AGAIN, SourceError
from mesh_platform.model.dialect import COMPRESSIONS, Dialect

_BLOCK = 1 << 16
UTF_8 = "utf-8"
_SIGNS = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook", "save the sheet as CSV, or unpack it"),
    (b"\x1f\x8b", "a gzip file", "set the property `compression` to `gzip`"),
    (b"\x28\xb5\x2f\xfd", "a zstd file", "set the property `compression` to `zstd`"),
    (b"BZh", "a bz2 file", "set the property `compression` to `bz2`"),
    (b"\xfd7zXZ", "an xz file", "set the property `compression` to `xz`"),
    (b"PAR1", "a Parquet file", "set the property `format` to `parquet`"),
    (b"SQLite format 3", "a SQLite database", "export the table as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook", "save the sheet as CSV"),
    (b"\xff\xfe", "text in UTF-16", "set the property `encoding` to `utf-16`"),
    (b"\xfe\xff", "text in UTF-16", "set the property `encoding` to `utf-16`"),
)
"""First bytes that say what a file is which is not what its port says, and the way out."""


def compression_of(dialect: Dialect, path: Path) -> str:
    """Return how a file is packed: as the port says, else as its name ends."""
    if dialect.compression is not None:
        return dialect.compression
    ends = {end: name for name, end in COMPRESSIONS.items() if end}
    return ends.get(path.suffix.lower(), "none")


def unpack(path: Path, compression: str, target: Path) -> None:
    """Write what a packed file holds.

    Raises:
        SourceError: it is not packed like that, damaged, or an archive of several files.
    """
    with _opened(path, compression) as packed, target.open("wb") as plain:
        shutil.copyfileobj(packed, plain, 1 << 20)


def decode(path: Path, encoding: str, target: Path) -> None:
    """Write a text file in UTF-8.

    Raises:
        SourceError: some bytes are not of the encoding.
    """
    try:
        with (
            path.open(encoding=encoding, newline="") as text,
            target.open("w", encoding=UTF_8, newline="") as plain,
        ):
            shutil.copyfileobj(text, plain, 1 << 20)
    except UnicodeError as error:
        raise not_of_the_encoding(path, encoding) from error


def not_of_the_encoding(path: Path, encoding: str) -> SourceError:
    """Find the first bytes that are not of an encoding, and say what the file seems to be."""
    with path.open("rb") as file:
        begin = file.read(16)
        for sign, what, fix in _SIGNS:
            if begin.startswith(sign):
                return SourceError(f"it is not text in {encoding}, it begins as {what}", fix=fix)
        file.seek(0)
        line, text, bad = _first_bad(file, encoding)
    usual = "cp1252" if encoding == UTF_8 else UTF_8
    return SourceError(
        f"the byte 0x{bad:02X} is not {encoding}",
        line=line,
        text=f"{text}\\x{bad:02x}",
        fix=f"set the property `encoding`, such as `{usual}`, or deliver the file in {encoding}",
    )


def _first_bad(file: IO[bytes], encoding: str) -> tuple[int, str, int]:
    """Line of the first bad byte, what stands before it in the line, and the byte."""
    decoder = codecs.getincrementaldecoder(encoding)()
    ends = io.IncrementalNewlineDecoder(None, translate=True)
    line, before, bad = 1, "", None
    while bad is None:
        block, state = file.read(_BLOCK), decoder.getstate()
        try:
            text = decoder.decode(block, final=not block)
        except UnicodeError:
            decoder.setstate(state)
            text, bad = _until_bad(decoder, block)
        text = ends.decode(text)
        line += text.count("\n")
        before = (before + text).rpartition("\n")[2]
        if not block:
            break
    return line, before, bad or 0


def _until_bad(decoder: codecs.IncrementalDecoder, block: bytes) -> tuple[str, int]:
    """The text before the byte that cannot be decoded, and the byte."""
    text = ""
    for byte in (*(bytes([number]) for number in block), b""):
        try:
            text += decoder.decode(byte, final=not byte)
        except UnicodeDecodeError as error:
            return text, error.object[error.start]
        except UnicodeError:
            break
    return text, block[-1]


@contextmanager
def _opened(path: Path, compression: str) -> Iterator[IO[bytes]]:
    from backports import zstd

    readers: dict[str, Callable[[Path], Any]] = {
        "bz2": bz2.open,
        "gzip": gzip.open,
        "xz": lzma.open,
        "zstd": zstd.open,
    }
    damage = (
        *(EOFError, zlib.error, gzip.BadGzipFile, lzma.LZMAError, zstd.ZstdError),
        *(zipfile.BadZipFile, NotImplementedError, RuntimeError),
    )
    with ExitStack() as stack:
        try:
            opened = _member(path, stack) if compression == "zip" else readers[compression](path)
            yield stack.enter_context(opened)
        except damage as error:
            raise _damaged(compression, cut=isinstance(error, EOFError)) from error
        except OSError as error:
            if error.errno is not None:  # not of the content: a full disk, no permission
                raise
            raise _damaged(compression, cut=False) from error


def _member(path: Path, stack: ExitStack) -> IO[bytes]:
    archive = stack.enter_context(zipfile.ZipFile(path))
    members = [name for name in archive.namelist() if not name.endswith("/")]
    if len(members) != 1:
        raise SourceError(
            f"the archive holds {len(members)} files, not one",
            fix="deliver an archive of one file, or unpack it beside the product",
        )
    return archive.open(members[0])


def _damaged(compression: str, *, cut: bool) -> SourceError:
    if cut:
        return SourceError(f"the {compression} file ends before its end", fix=AGAIN)
    fix = f"{AGAIN}; how it is packed is said by the property `compression`"
    return SourceError(f"it is not a readable {compression} file", fix=fix)

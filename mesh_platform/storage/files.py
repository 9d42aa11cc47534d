"""Compares files of the lake with the size and the digest that were recorded of them."""

from __future__ import annotations

import hashlib
from pathlib import Path

GONE = "is gone"
CLOSED = "may not be read by this user"


def digest_of_file(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, in hexadecimal digits.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def damage(path: Path, size: int | None, digest: str | None) -> str | None:
    """Return what is wrong with a file, or None if it is as it was recorded.

    Args:
        path: the file.
        size: its recorded size in bytes; None is not compared.
        digest: its recorded digest; None is not compared, and saves reading the file.
    """
    try:
        found = path.stat().st_size
        if size is not None and found != size:
            return f"has {found:,} bytes instead of {size:,}"
        if digest is not None and digest_of_file(path) != digest:
            return "holds other bytes than were released"
    except FileNotFoundError:
        return GONE
    except PermissionError:
        return CLOSED
    except OSError as error:
        return f"cannot be read: {error.strerror}"
    return None

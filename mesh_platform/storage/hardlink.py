"""Gives a file that never changes a second name, so that two environments hold it once."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

from mesh_platform.errors import MeshError
from mesh_platform.whole_files import appears

_CANNOT_LINK = {errno.EXDEV, errno.EPERM, errno.EMLINK, errno.ENOTSUP, errno.ENOSYS}
"""Another file system, or one without hard links."""


def take(source: Path, target: Path) -> int:
    """Give a file a second name; the number of bytes that had to be copied instead.

    Raises:
        MeshError: the target cannot be written.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.link(source, target)
        except OSError as error:
            if error.errno not in _CANNOT_LINK:
                raise
            with appears(target) as private:
                shutil.copyfile(source, private)
            return target.stat().st_size
    except OSError as error:
        raise MeshError(
            f"{target} cannot be written: {error.strerror}", fix="mesh doctor says what is wrong"
        ) from error
    return 0

"""The data folder: one platform at a time, writable, with room."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deskstream_platform.errors import PlatformError

_ROOM = 200_000_000


@contextmanager
def occupied(folder: Path) -> Iterator[None]:
    """Hold the folder for this process; refuse if another holds it, or nothing fits in."""
    with told_in_a_sentence(folder):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = (folder / "lock").open("a+")
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            lock.seek(0)
            raise PlatformError(
                f"A platform runs in {folder} already (process {lock.read().strip()}): "
                "use it, stop it with Ctrl-C where it runs, or choose another --folder."
            ) from error
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        with told_in_a_sentence(folder):
            _require_room(folder)
            yield


@contextmanager
def told_in_a_sentence(folder: Path) -> Iterator[None]:
    """Turn what the file system refuses into the sentence that helps."""
    try:
        yield
    except OSError as error:
        if error.errno == errno.ENOSPC:
            raise _full(folder) from error
        if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST}:
            raise PlatformError(
                f"{error.filename or folder} cannot be written ({error.strerror}): choose "
                "another folder with --folder, or run as its owner."
            ) from error
        raise


def _require_room(folder: Path) -> None:
    if shutil.disk_usage(folder).free < _ROOM:
        raise _full(folder)


def _full(folder: Path) -> PlatformError:
    return PlatformError(
        f"The disk that holds {folder} is full: free some {_ROOM // 1_000_000} MB and start again."
    )

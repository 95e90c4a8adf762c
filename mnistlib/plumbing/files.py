"""Writing a file so that it is there whole, or not at all, and one after another: all files of mnistlib are.

This module imports nothing of mnistlib, so that every other room may use it.
"""

import contextlib
import errno
import os
import time
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import filelock

# What a file is called until it is whole. Nothing of its later name is in it, so that no search for data
# finds it; the long random number is one that no other thread, process or computer uses.
UNFINISHED = ".mnistlib-*.part"
PATIENCE = 20  # seconds to wait for another who writes; it takes a fraction of one
NO_LOCKS = (errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP)  # what a file system without locks says
STALE = 3600  # seconds without a byte, after which an unfinished file has lost its writer


@contextlib.contextmanager
def atomic_write(path: str | os.PathLike) -> Iterator[BinaryIO]:
    """Open a file for writing bytes that gets its name only when the `with` block ends without an exception.

    Until then it stands in the same folder under a name of its own. So nobody ever reads half a file, two
    that write at once do not mix, what was there before stays if the writing fails, and the bytes are on
    the disk before the name is. A file that is replaced hands on its permissions, and a link stays a link:
    what it points to is replaced. What a writer left behind that was killed is cleared away by the next.

    Raises OSError, also for a path that is a folder or a device.
    """
    path = Path(os.path.realpath(path) if os.path.islink(path) else path)
    if path.exists() and not path.is_file():
        raise FileExistsError(errno.EEXIST, "is a folder or a device, and no file", str(path))
    _clear_away(path.parent)
    unfinished = path.with_name(UNFINISHED.replace("*", uuid.uuid4().hex))
    try:
        with open(unfinished, "xb") as file:
            if path.exists():
                os.chmod(unfinished, path.stat().st_mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:  # also when somebody presses Ctrl-C
        unfinished.unlink(missing_ok=True)


def _clear_away(folder):
    """Remove unfinished files whose writers were killed. If that fails, they only take up room."""
    with contextlib.suppress(OSError):
        for left in folder.glob(UNFINISHED):
            if left.stat().st_mtime < time.time() - STALE:
                left.unlink()


@contextlib.contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock `path`, an empty file, for as long as the `with` block lasts: one process at a time.

    Locks do not work in some network folders; there the block runs without one. Makes the folder if need be.
    Raises OSError if the folder cannot be written to, or if somebody else holds the lock for 20 seconds.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = filelock.FileLock(path, timeout=PATIENCE)
    try:
        lock.acquire(poll_interval=0.005)
    except NotImplementedError:  # how older filelocks say ENOSYS
        pass
    except OSError as error:
        if error.errno not in NO_LOCKS:
            raise
    try:
        yield
    finally:
        lock.release()

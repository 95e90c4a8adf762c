"""Fetching the four MNIST files: several mirrors, short patience, nothing kept that is not the real thing.

The author's own site no longer serves the files; these mirrors hold the same bytes, as the checksums prove.
A learner without a network must find out within seconds, and one behind a broken server within a minute: so
every mirror is first asked whether it answers, all at once, and one that fails is not asked again.

Everything that waits for a server happens in a thread of its own, which is left behind where it hangs: a
look-up of a name can take longer than any time-out that one can set, and a server that sends a byte now and
then is never silent long enough for one. What comes is kept in memory: a thread left behind does no harm.
"""

import hashlib
import io
import os
import queue
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

import pooch
import requests

from mnistlib.plumbing.files import atomic_write
from mnistlib.plumbing.progress import progress

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)

# name -> size in bytes, SHA-256 checksum
FILES = {
    "train-images-idx3-ubyte.gz": (
        9_912_422,
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
    ),
    "train-labels-idx1-ubyte.gz": (
        28_881,
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
    ),
    "t10k-images-idx3-ubyte.gz": (
        1_648_877,
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
    ),
    "t10k-labels-idx1-ubyte.gz": (
        4_542,
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
    ),
}

ANSWER_WITHIN = 3.0  # seconds for a mirror to begin an answer
SILENCE_AT_MOST = 5.0  # seconds without a byte in the middle of a file
JUDGE_SPEED_AFTER = 10.0  # seconds
SLOWEST = 10_000  # bytes a second on average; below that another mirror is tried


class DownloadError(RuntimeError):
    """The files could not be fetched. `offline` says whether that is because no mirror answered at all."""

    def __init__(self, message, offline=False):
        super().__init__(message)
        self.offline = offline


def download(folder: Path) -> None:
    """Fetch those of the four files that `folder` does not hold yet, and make the folder if need be.

    A file gets its name only after its checksum was found right, so an interrupted download leaves nothing
    that could be taken for MNIST, and several processes may fill the same folder at the same time.

    Raises DownloadError, whatever a server or the folder does.
    """
    missing = [name for name in FILES if not _is_genuine(folder / name, FILES[name][1])]
    if not missing:
        return
    mirrors = _answering(MIRRORS)
    if not mirrors:
        raise DownloadError("no mirror answered", offline=True)
    for name in missing:
        content = _fetch(name, mirrors)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / name).exists() and not os.access(folder / name, os.R_OK):
                (folder / name).unlink()  # or else the new file would take over its permissions
            with atomic_write(folder / name) as file:
                file.write(content)
        except OSError as error:
            raise DownloadError(f"{folder} cannot be written to: {error.strerror}") from error


def _is_genuine(path, sha256):
    """Whether a file is there, can be read, and has the right checksum."""
    try:
        return pooch.file_hash(str(path), alg="sha256") == sha256
    except OSError:
        return False


def _answering(mirrors):
    """Those mirrors, in their order, that answer a request in time."""
    smallest = min(FILES, key=FILES.get)

    def ask(mirror):
        requests.get(mirror + smallest, stream=True, timeout=ANSWER_WITHIN).close()

    asked = {mirror: _in_thread(ask, mirror) for mirror in mirrors}
    deadline = time.monotonic() + ANSWER_WITHIN
    answered = []
    for mirror, outcome in asked.items():
        try:
            if outcome.get(timeout=max(0.0, deadline - time.monotonic())) is None:
                answered.append(mirror)
        except queue.Empty:  # it may still answer, but not in time
            continue
    return answered


def _in_thread(work, *arguments):
    """Run work(*arguments) in a thread of its own: a queue that gets None, or the exception that ended it."""
    outcome = queue.Queue()

    def run():
        try:
            work(*arguments)
        except Exception as error:  # whatever a server does is that server's failure
            outcome.put(error)
        else:
            outcome.put(None)

    threading.Thread(target=run, daemon=True).start()
    return outcome


def _fetch(name, mirrors):
    """The bytes of a file from the first mirror that delivers it; the others are struck off the list."""
    failures = []
    while mirrors:
        try:
            return _fetch_from(mirrors[0], name)
        except DownloadError as error:
            failures.append(f"{urlsplit(mirrors[0]).netloc}: {error}")
            mirrors.pop(0)
    raise DownloadError(f"{name} could not be downloaded ({'; '.join(failures) or 'no mirror is left'})")


def _fetch_from(mirror, name):
    """The bytes of a file from one mirror. Raises DownloadError, also if it sends them far too slowly."""
    size, sha256 = FILES[name]
    # Without this header a server may pack the file a second time, and its length is then unknown
    headers = {"Accept-Encoding": "identity"}
    get = pooch.HTTPDownloader(timeout=(ANSWER_WITHIN, SILENCE_AT_MOST), headers=headers)
    incoming = _Incoming(size)
    outcome = _in_thread(get, mirror + name, incoming, None)
    bar = progress(size, name, "B")
    bar.unit_scale = True  # 9.91M instead of 9912422
    try:
        error = _watched(outcome, incoming, bar)
    finally:
        incoming.given_up = True  # also when somebody presses Ctrl-C
        bar.close()
    if error:
        raise DownloadError(_plainly(error)) from error
    if hashlib.sha256(incoming.getbuffer()).hexdigest() != sha256:
        raise DownloadError("sent something else under that name (wrong checksum)")
    return incoming.getvalue()


def _watched(outcome, incoming, bar):
    """Wait for the end of a transfer, and show on the bar how far it is. Returns what `outcome` gets."""
    start = time.monotonic()
    while True:
        try:
            error = outcome.get(timeout=0.1)
        except queue.Empty:
            error = "under way"
        received, seconds = incoming.tell(), time.monotonic() - start
        bar.update(received - bar.n)
        if error != "under way":
            return error
        if seconds > JUDGE_SPEED_AFTER and received < SLOWEST * seconds:
            raise DownloadError(f"sent only {received / seconds / 1000:.1f} kB a second")


class _Incoming(io.BytesIO):
    """What pooch writes to: it takes no more than the file's size, and nothing once it is given up."""

    def __init__(self, size):
        super().__init__()
        self.size, self.given_up = size, False

    def write(self, piece):
        if self.given_up or self.tell() + len(piece) > self.size:
            raise DownloadError("sent something else under that name (too long)")
        return super().write(piece)


def _plainly(error):
    """What went wrong with a mirror, in a few words."""
    if isinstance(error, DownloadError):
        return str(error)
    if isinstance(error, requests.HTTPError):
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, ValueError):  # a length, an address or a header that is none
        return "sent an answer that makes no sense"
    return "the connection broke off"

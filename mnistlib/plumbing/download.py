"""Fetching the four MNIST files: several mirrors, short patience, nothing kept that is not the real thing.

The author's own site no longer serves the files; these mirrors hold the same bytes, as the checksums prove.
A learner without a network must find out within seconds, and one behind a broken server within a minute: so
every mirror is first asked whether it answers, all at once, and one that fails is not asked again.
"""

import hashlib
import queue
import threading
import time
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


def download(folder):
    """Fetch those of the four files that `folder` does not hold yet, and make the folder if need be.

    A file gets its name only after its checksum was found right, so an interrupted download leaves nothing
    that could be taken for MNIST, and several processes may fill the same folder at the same time.

    Raises DownloadError.
    """
    missing = [name for name, (_, sha256) in FILES.items() if not _is_genuine(folder / name, sha256)]
    if not missing:
        return
    mirrors = _answering(MIRRORS)
    if not mirrors:
        raise DownloadError("no mirror answered", offline=True)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name in missing:
            _fetch(name, folder, mirrors)
    except OSError as error:
        raise DownloadError(f"{folder} cannot be written to: {error.strerror}") from error


def _is_genuine(path, sha256):
    """Whether a file is there and has the right checksum."""
    return path.is_file() and pooch.file_hash(str(path), alg="sha256") == sha256


def _answering(mirrors):
    """Those mirrors, in their order, that answer a request in time.

    Each is asked in a thread of its own, because looking up a name can hang for much longer than any time-out
    that one can set; a thread that still hangs is left behind.
    """
    answers = queue.Queue()
    smallest = min(FILES, key=FILES.get)

    def ask(mirror):
        try:
            requests.get(mirror + smallest, stream=True, timeout=ANSWER_WITHIN).close()
            answers.put((mirror, True))
        except Exception:  # whatever went wrong, this mirror does not answer
            answers.put((mirror, False))

    for mirror in mirrors:
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    answered = set()
    deadline = time.monotonic() + ANSWER_WITHIN
    for _ in mirrors:
        try:
            mirror, good = answers.get(timeout=max(0.0, deadline - time.monotonic()))
        except queue.Empty:
            break
        if good:
            answered.add(mirror)
    return [mirror for mirror in mirrors if mirror in answered]


def _fetch(name, folder, mirrors):
    """Fetch one file from the first mirror that delivers it; mirrors that fail are struck off the list."""
    failures = []
    while mirrors:
        try:
            return _fetch_from(mirrors[0], name, folder)
        # Errors of requests are OSErrors, but not the built-in ConnectionError and TimeoutError
        except (requests.RequestException, DownloadError) as error:
            failures.append(f"{urlsplit(mirrors[0]).netloc}: {_plainly(error)}")
            mirrors.pop(0)
    raise DownloadError(f"{name} could not be downloaded ({'; '.join(failures) or 'no mirror is left'})")


def _fetch_from(mirror, name, folder):
    """Fetch one file from one mirror, and let it have its name if it is the right one."""
    size, sha256 = FILES[name]
    bar = progress(size, name, "B")
    bar.unit_scale = True  # 9.91M instead of 9912422
    # Without this header a server may pack the file a second time, and its length is then unknown
    headers = {"Accept-Encoding": "identity"}
    get = pooch.HTTPDownloader(progressbar=bar, timeout=(ANSWER_WITHIN, SILENCE_AT_MOST), headers=headers)
    try:
        with atomic_write(folder / name) as file:
            incoming = _Incoming(file, size)
            get(mirror + name, incoming, None)
            if incoming.checksum.hexdigest() != sha256:
                raise DownloadError("sent something else under that name (wrong checksum)")
    finally:
        bar.close()


class _Incoming:
    """The open file that pooch writes to.

    It keeps the checksum of what came, and gives up on a server that sends too much or far too slowly.
    """

    def __init__(self, file, size):
        self.file, self.size = file, size
        self.checksum = hashlib.sha256()
        self.received = 0
        self.started = time.monotonic()

    def write(self, piece):
        self.file.write(piece)
        self.checksum.update(piece)
        self.received += len(piece)
        seconds = time.monotonic() - self.started
        if self.received > self.size:
            raise DownloadError("sent something else under that name (too long)")
        if seconds > JUDGE_SPEED_AFTER and self.received < SLOWEST * seconds:
            raise DownloadError(f"sent only {self.received / seconds / 1000:.1f} kB a second")

    def flush(self):
        """pooch asks for it after every piece; closing the file does it once."""


def _plainly(error):
    """What went wrong with a mirror, in a few words."""
    if isinstance(error, requests.HTTPError):
        return f"{error.response.status_code} {error.response.reason}"
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, requests.RequestException):
        return "the connection broke off"
    return str(error)

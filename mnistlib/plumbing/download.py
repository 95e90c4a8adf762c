"""Fetching the four MNIST files: several mirrors, short patience, nothing kept that is not the real thing.

The author's own site no longer serves the files; these mirrors hold the same bytes, as the checksums prove.
A learner without a network must find out within seconds, and one behind a broken server within a minute: so
every mirror is first asked whether it answers, all at once, and one that fails is not asked again.

Everything that waits for a server happens in a thread of its own, which is left behind where it hangs: a
look-up of a name can take longer than any time-out that one can set, and a server that sends a byte now and
then is never silent long enough for one. What comes is kept in memory: a thread left behind does no harm.
"""

import hashlib
import os
import threading
import time
from concurrent.futures import Future, wait
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
LIST = Path(__file__).with_name("mnist.txt").read_text(encoding="ascii").splitlines()
FILES = {name: (int(size), sha256) for name, size, sha256 in map(str.split, LIST)}

ANSWER_WITHIN = 3.0  # seconds for a mirror to begin an answer
SILENCE_AT_MOST = 5.0  # seconds without a byte in the middle of a file
JUDGE_SPEED_AFTER = 10.0  # seconds
SLOWEST = 10_000  # bytes a second on average; below that another mirror is tried


class DownloadError(RuntimeError):
    """The files could not be fetched. The message says why: "no network" if no mirror answered at all."""


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
        raise DownloadError("no network")
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
    wait(asked.values(), timeout=ANSWER_WITHIN)
    return [mirror for mirror, answer in asked.items() if answer.done() and not answer.exception()]


def _in_thread(work, *arguments):
    """Run work(*arguments) in a thread that does not outlive the program. Returns a Future."""
    outcome = Future()

    def run():
        try:
            outcome.set_result(work(*arguments))
        except Exception as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome


def _fetch(name, mirrors):
    """The bytes of a file from the first mirror that delivers it; the others are struck off the list."""
    failures = []
    while mirrors:
        try:
            return _fetch_from(mirrors[0], name)
        except Exception as error:  # whatever a server does is that server's failure
            failures.append(f"{urlsplit(mirrors.pop(0)).netloc}: {_plainly(error)}")
    raise DownloadError(f"{name} could not be downloaded ({'; '.join(failures)})")


def _fetch_from(mirror, name):
    """The bytes of a file from one mirror. Raises an error if they are wrong, or come far too slowly."""
    size, sha256 = FILES[name]
    content = bytearray()
    given_up = threading.Event()
    start = time.monotonic()
    bar = progress(size, name, "B")
    bar.unit_scale = True  # 9.91M instead of 9912422
    transfer = _in_thread(_receive, mirror + name, size, content, given_up)
    try:
        while wait([transfer], timeout=0.1).not_done:
            bar.update(len(content) - bar.n)
            seconds = time.monotonic() - start
            if seconds > JUDGE_SPEED_AFTER and len(content) < SLOWEST * seconds:
                raise DownloadError(f"sent only {len(content) / seconds / 1000:.1f} kB a second")
        transfer.result()
        bar.update(len(content) - bar.n)
    finally:
        given_up.set()  # also when somebody presses Ctrl-C
        bar.close()
    if hashlib.sha256(content).hexdigest() != sha256:
        raise DownloadError("sent something else under that name (wrong checksum)")
    return content


def _receive(url, size, content, given_up):
    """Append what a server sends to `content`: no more than `size` bytes, and none once it is given up."""
    # Without this header a server may pack the file a second time, and its length is then unknown
    headers = {"Accept-Encoding": "identity"}
    with requests.get(url, stream=True, timeout=(ANSWER_WITHIN, SILENCE_AT_MOST), headers=headers) as answer:
        if not answer.ok:
            raise DownloadError(f"{answer.status_code} {answer.reason}")
        for piece in answer.iter_content(1024):
            if given_up.is_set() or len(content) + len(piece) > size:
                raise DownloadError("sent something else under that name (too long)")
            content.extend(piece)


def _plainly(error):
    """What went wrong with a mirror, in a few words."""
    if isinstance(error, DownloadError):
        return str(error)
    if isinstance(error, requests.Timeout):
        return "no answer in time"
    if isinstance(error, ValueError):  # a length, an address or a header that is none
        return "sent an answer that makes no sense"
    return "the connection broke off"

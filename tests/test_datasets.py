"""load_data: which source it takes, what it says, and how it fares with files and servers that are wrong.

The tests play the whole thing with small digits of their own, published by a real HTTP server on loopback
that can misbehave in the ways in which real ones do.
"""

import gzip
import hashlib
import http.server
import itertools
import multiprocessing
import os
import queue
import re
import signal
import socket
import sys
import threading
import zlib
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest

from mnistlib import datasets
from mnistlib.datasets import NAMES, DataError, load_data
from mnistlib.idx import write_idx
from mnistlib.plumbing import download

MNIST = "MNIST: 60 training and 40 test digits, "
SAMPLE = "The bundled sample stands in for MNIST: 30 training and 20 test digits, from data/sample"


def make_arrays(train, test, seed):
    """Four arrays as MNIST has them, of noise that packs badly (so that a download takes several pieces)."""
    rng = np.random.default_rng(seed)
    arrays = []
    for count in (train, test):
        arrays.append(rng.integers(0, 256, (count, 28, 28), dtype=np.uint8))
        arrays.append(rng.integers(0, 10, count, dtype=np.uint8))
    return arrays


def write_files(folder, arrays, suffix=".gz"):
    folder.mkdir(parents=True, exist_ok=True)
    for name, array in zip(NAMES, arrays, strict=True):
        write_idx(folder / f"{name}{suffix}", array)


def contents(folder):
    """What stands in a folder: name -> bytes."""
    return {path.name: path.read_bytes() for path in folder.iterdir()} if folder.exists() else {}


# ---- a server that can misbehave

OK = b"HTTP/1.1 200 OK\r\n"


def sent(content, head=OK, length=None):
    """A whole answer. length: what it says about its length."""
    return [head + b"Content-Length: %d\r\n\r\n" % (length or len(content)), content]


def dripping(content, size, pause):
    """`size` bytes at a time, for as long as anybody listens."""
    for start in range(0, len(content), size):
        yield from (content[start : start + size], pause)


def redirect(address):
    return lambda file: [b"HTTP/1.1 302 Found\r\nLocation: " + address + b"\r\n\r\n"]


LONG = 600  # seconds; no test waits for as long
GOOD = {"good": sent, "of unknown length": lambda file: [OK + b"\r\n", file]}
# What a server sends in place of a file; a number is a pause in seconds
HOSTILE = {
    "silent": lambda file: [LONG, *sent(file)],
    "hangs up": lambda file: [],
    "404": lambda file: [b"HTTP/1.1 404 Not Found\r\n\r\n"],
    "empty": lambda file: [b"HTTP/1.1 204 No Content\r\n\r\n"],
    "loop": redirect(b"?"),
    "leads to half an address": redirect(b"http://[::1"),
    "leads to no text": redirect(b"\xff\xfe"),
    "leads to another protocol": redirect(b"ftp://127.0.0.1/"),
    "length is two": lambda file: [OK + b"Content-Length: 5, 5\r\n\r\n", file],
    "no head": lambda file: [b"just some bytes\n" * 20],
    "a head without end": lambda file: [OK + b"X: " + b"x" * 100_000],
    "chunks that are none": lambda file: [OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n"],
    "error page": lambda file: sent(b"<!DOCTYPE html><html><body>Please log in to the network</body></html>"),
    "wrong bytes": lambda file: sent(file[:-1] + bytes([file[-1] ^ 1])),
    "too short": lambda file: sent(file[:-1]),
    "packed, it says": lambda file: sent(file[::-1], OK + b"Content-Encoding: gzip\r\n"),
    "endless": lambda file: itertools.chain([OK + b"\r\n"], itertools.repeat(bytes(1000))),
    "breaks off": lambda file: sent(file[: len(file) // 2], length=len(file)),
    "stalls": lambda file: [*sent(file[:-9], length=len(file)), LONG, file[-9:]],
    "trickles": lambda file: dripping(b"".join(sent(file)), 1024, 0.15),
    # it answers the first question, which is for a small file
    "drips in the head": lambda file: sent(file) if len(file) < 999 else dripping(OK + b"X" * 9999, 1, 0.2),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        mirror, name = self.path.strip("/").split("/")
        self.server.requests.append((mirror, name))
        self.server.packings.append(self.headers["Accept-Encoding"])
        for piece in (GOOD | HOSTILE)[self.server.modes[mirror]](self.server.files[name]):
            if isinstance(piece, bytes):
                self.wfile.write(piece)
                continue
            self.server.pauses.put(name)
            if self.server.done.wait(piece):
                return

    def log_message(self, *_):
        pass


class Mirrors(http.server.ThreadingHTTPServer):
    """Three mirrors on loopback: `modes[mirror]` says how each behaves, `requests` what it was asked for."""

    daemon_threads = True

    def __init__(self, files):
        super().__init__(("127.0.0.1", 0), Handler)
        self.files = files
        self.modes = {"one": "good", "two": "good", "three": "good"}
        self.requests = []
        self.packings = []  # what the client says that it takes
        self.pauses = queue.SimpleQueue()  # a file's name each time that one is held up
        self.done = threading.Event()
        self.urls = tuple(f"http://127.0.0.1:{self.server_port}/{mirror}/" for mirror in self.modes)
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    def handle_error(self, *_):
        pass  # clients hang up on us on purpose

    def asked(self, mirror):
        return [name for asked, name in self.requests if asked == mirror]


class World:
    """A project folder with a bundled sample, and no network; `mnist` stands for the real MNIST."""

    def __init__(self, tmp_path):
        self.root = tmp_path / "project"
        self.folder = self.root / "data" / "mnist"
        self.sample = make_arrays(30, 20, seed=1)
        self.mnist = make_arrays(60, 40, seed=2)
        self.others = make_arrays(60, 40, seed=3)
        write_files(self.root / "data" / "sample", self.sample)
        write_files(tmp_path / "published", self.mnist)
        self.published = {name: (tmp_path / "published" / name).read_bytes() for name in download.FILES}
        self.files = {
            name: (len(content), hashlib.sha256(content).hexdigest())
            for name, content in self.published.items()
        }

    def enter(self, mirrors, change=setattr):
        """mnistlib lives in this world from now on, and waits for whatever a busy computer is slow to do."""
        change(datasets, "ROOT", self.root)
        change(datasets, "MNIST_CHECKSUMS", tuple(zlib.crc32(array) for array in self.mnist))
        change(datasets, "PATIENCE", LONG)
        change(download, "FILES", self.files)
        change(download, "MIRRORS", mirrors)
        for kind in ("ANSWER_WITHIN", "SILENCE_AT_MOST", "JUDGE_SPEED_AFTER"):
            change(download, kind, LONG)

    def is_mnist(self, digits):
        return digits.name == "MNIST" and all(map(np.array_equal, digits[:4], self.mnist))

    def is_sample(self, digits):
        return digits.name == "sample" and all(map(np.array_equal, digits[:4], self.sample))


@pytest.fixture
def world(tmp_path, monkeypatch):
    world = World(tmp_path)
    world.enter((closed_port(),), monkeypatch.setattr)
    for variable in ("MNIST_DATA_DIR", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return world


@pytest.fixture
def shared(world, tmp_path, monkeypatch):
    """A folder with MNIST that the environment variable names."""
    write_files(tmp_path / "shared", world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "shared"))
    return tmp_path / "shared"


@pytest.fixture
def mirrors(world, monkeypatch):
    """Three working mirrors."""
    mirrors = Mirrors(world.published)
    monkeypatch.setattr(download, "MIRRORS", mirrors.urls)
    yield mirrors
    mirrors.done.set()
    mirrors.shutdown()
    mirrors.server_close()


def closed_port():
    """The address of a mirror that refuses connections at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}/"


# ---- the order of the sources, and the line


def test_the_order_of_the_sources(world, mirrors, monkeypatch, tmp_path, capsys):
    with monkeypatch.context() as offline:
        offline.setattr(download, "MIRRORS", (closed_port(),))
        assert world.is_sample(load_data())
        assert capsys.readouterr().out == f"{SAMPLE} (no network).\n"
        assert not world.folder.exists()

    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == f"{MNIST}downloaded to data/mnist.\n"
    assert contents(world.folder) == world.published
    assert mirrors.packings[3:] == ["identity"] * 4  # the three before only asked whether a mirror answers

    mirrors.requests.clear()
    for source in ("auto", "mnist"):
        assert world.is_mnist(load_data(source))
        assert capsys.readouterr().out == f"{MNIST}from data/mnist.\n"
    write_files(tmp_path / "shared", world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "shared"))
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == f"{MNIST}from MNIST_DATA_DIR.\n"
    monkeypatch.setenv("MNIST_DATA_DIR", "nowhere")
    assert world.is_sample(load_data("sample"))
    assert capsys.readouterr().out == f"{SAMPLE}.\n"
    with pytest.raises(DataError, match="MNIST_DATA_DIR is set, but there is no folder nowhere"):
        load_data()
    monkeypatch.setenv("MNIST_DATA_DIR", "")  # as good as none
    assert world.is_mnist(load_data())
    assert mirrors.requests == []


def test_without_a_network_it_says_how_to_get_mnist_and_what_is_wrong_with_the_sample(world):
    with pytest.raises(DataError) as raised:
        load_data("mnist")
    for words in [*world.published, "data/mnist", "no network", "MNIST_DATA_DIR"]:
        assert words in str(raised.value)
    for path in (world.root / "data" / "sample").iterdir():
        path.unlink()
    with pytest.raises(DataError, match=r"no network.*sample.*train-images-idx3-ubyte\.gz"):
        load_data()


def test_without_a_checkout_mnist_goes_to_the_users_cache(world, mirrors, monkeypatch, tmp_path, capsys):
    monkeypatch.setattr(datasets, "ROOT", tmp_path / "site-packages")
    monkeypatch.setattr("pooch.os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.setattr(Path, "home", lambda: tmp_path)
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out.endswith(f"downloaded to {Path('~/cache/mnistlib')}.\n")
    assert contents(tmp_path / "cache" / "mnistlib") == world.published


# ---- MNIST_DATA_DIR and other folders


def test_a_variable_is_meant_from_here_or_from_the_project_or_from_home(world, monkeypatch, tmp_path):
    write_files(world.root / "classroom", world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", "classroom")
    assert world.is_mnist(load_data())
    write_files(tmp_path / "classroom", world.others)
    np.testing.assert_array_equal(load_data().train_images, world.others[0])
    monkeypatch.setenv("MNIST_DATA_DIR", "data/sample")
    assert world.is_sample(load_data())
    monkeypatch.setenv("HOME", str(world.root))
    monkeypatch.setenv("USERPROFILE", str(world.root))
    monkeypatch.setenv("MNIST_DATA_DIR", "~/classroom")
    assert world.is_mnist(load_data())


@pytest.mark.parametrize("source", ["auto", "mnist"])
@pytest.mark.parametrize("spoiled", [*([name] for name in NAMES), NAMES[:2], NAMES[2:], NAMES])
def test_a_variable_that_names_a_folder_with_an_absent_or_damaged_file_is_an_error(
    world, mirrors, shared, source, spoiled
):
    write_files(world.folder, world.mnist)
    for name in spoiled:
        path = shared / f"{name}.gz"
        path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(DataError, match=rf"MNIST_DATA_DIR.*{spoiled[0]}\.gz: byte .*Delete that file"):
        load_data(source)
    for name in spoiled:
        (shared / f"{name}.gz").unlink()
    with pytest.raises(DataError, match=rf"MNIST_DATA_DIR.*shared lacks {spoiled[0]}\.gz"):
        load_data(source)
    assert mirrors.requests == []


@pytest.mark.parametrize("part", range(4))
def test_other_digits_are_taken_but_not_called_mnist(world, shared, capsys, part):
    """Fashion-MNIST comes in as many images under the same names. A single other number is enough."""
    world.mnist[part].flat[-1] ^= 1
    write_files(shared, world.mnist)
    assert load_data().name == "own digits"
    line = "Digits other than MNIST: 60 training and 40 test digits, from MNIST_DATA_DIR.\n"
    assert capsys.readouterr().out == line
    with pytest.raises(DataError, match="holds digits other than MNIST"):
        load_data("mnist")


@pytest.mark.parametrize("suffix", [".gz", ""], ids=["packed", "unpacked"])
@pytest.mark.parametrize("mark", ["-idx", ".idx"])
def test_packed_and_unpacked_and_dotted_names_are_known(world, tmp_path, suffix, mark, capsys):
    write_files(tmp_path / "other", world.mnist, suffix)
    for path in (tmp_path / "other").iterdir():
        path.rename(path.with_name(path.name.replace("-idx", mark)))
    assert world.is_mnist(load_data("other"))
    assert capsys.readouterr().out == f"{MNIST}from other.\n"


def test_a_folder_with_one_pair_gives_no_digits_of_the_other(world, capsys):
    folder = world.root / "data" / "mine"
    folder.mkdir()
    write_idx(folder / NAMES[0], world.others[0])
    write_idx(folder / NAMES[1], world.others[1])
    digits = load_data("data/mine")
    line = "Digits other than MNIST: 60 training and 0 test digits, from data/mine.\n"
    assert capsys.readouterr().out == line
    assert repr(digits) == "Digits(own digits: 60 training and 0 test digits)"
    np.testing.assert_array_equal(digits.train_images, world.others[0])
    assert digits.test_images.shape == (0, 28, 28)
    assert digits.test_labels.shape == (0,)
    assert digits.test_images.dtype == digits.test_labels.dtype == np.uint8
    (folder / NAMES[1]).unlink()
    with pytest.raises(DataError, match=rf"lacks {NAMES[1]}\.gz"):
        load_data(folder)


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (None, "not None"),
        (b"x", "not b'x'"),
        ("~nobody-of-this-name/x", "no folder"),
        (__file__, "no folder"),
        ("minst", r'no folder minst .*"mnist"'),
        ("project", "project lacks train-images-idx3-ubyte"),
    ],
)
def test_a_source_that_is_no_folder_of_digits_is_an_error(world, source, words):
    with pytest.raises(DataError, match=words):
        load_data(source)


@pytest.mark.parametrize(
    ("which", "array", "words"),
    [
        (0, np.zeros((60, 28, 27), np.uint8), r"found uint8 \(60, 28, 27\), expected images"),
        (0, np.zeros((60, 784), np.uint8), r"found uint8 \(60, 784\), expected images"),
        (0, np.zeros((60, 28, 28), np.float32), "found float32"),
        (1, np.zeros((60, 1), np.uint8), r"found uint8 \(60, 1\), expected labels"),
        (1, np.zeros(61, np.uint8), "holds 60 images, but .*train-labels.* 61 labels"),
        (1, np.r_[np.zeros(57, np.uint8), np.uint8([10, 0, 255])], "label 57 is 10, expected 0 to 9"),
        (3, np.full(40, 77, np.uint8), "label 0 is 77, expected 0 to 9"),
    ],
)
def test_well_formed_files_that_are_no_digits_are_refused(world, tmp_path, which, array, words):
    arrays = list(world.others)
    arrays[which] = array
    write_files(tmp_path / "odd", arrays)
    with pytest.raises(DataError, match=words) as raised:
        load_data("odd")
    assert NAMES[which] in str(raised.value)


def test_a_folder_that_changed_while_it_was_read_is_read_again(world, monkeypatch, tmp_path):
    write_files(tmp_path, world.others, suffix="")
    read_idx = datasets.read_idx

    def read_while_another_writes(path):
        array = read_idx(path)
        write_files(tmp_path, world.mnist, suffix="")
        monkeypatch.setattr(datasets, "read_idx", read_idx)
        return array

    monkeypatch.setattr(datasets, "read_idx", read_while_another_writes)
    assert world.is_mnist(load_data(tmp_path))


# ---- downloads


def test_three_broken_servers_cost_under_a_minute():
    """What each may cost beyond its first answer: a silence in the middle of a file, or a crawl."""
    each = max(download.ANSWER_WITHIN + download.SILENCE_AT_MOST, download.JUDGE_SPEED_AFTER)
    assert download.ANSWER_WITHIN + len(download.MIRRORS) * each < 60
    assert download.ANSWER_WITHIN < 5  # all that is lost where nothing answers


@pytest.mark.parametrize("mode", HOSTILE)
def test_the_second_mirror_serves_when_the_first_does_not(world, mirrors, monkeypatch, capsys, mode):
    mirrors.modes.update(one=mode, two="of unknown length")
    fetch_from = download._fetch_from

    def impatient_with_the_first(mirror, name):
        with monkeypatch.context() as impatient:
            if mirror == mirrors.urls[0]:
                impatient.setattr(download, "SILENCE_AT_MOST", 0.5)
                impatient.setattr(download, "JUDGE_SPEED_AFTER", 0.5)
            return fetch_from(mirror, name)

    monkeypatch.setattr(download, "_fetch_from", impatient_with_the_first)
    if mode == "silent":
        monkeypatch.setattr(download, "ANSWER_WITHIN", 3)
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == f"{MNIST}downloaded to data/mnist.\n"
    assert contents(world.folder) == world.published
    # Asked for one file to see whether it answers, for one file in earnest, and never again
    assert len(set(mirrors.asked("one"))) <= 2
    assert len(mirrors.asked("three")) == 1  # the second delivers all the rest


def test_when_all_mirrors_fail_the_sample_serves_and_nothing_is_kept(world, mirrors, capsys):
    mirrors.modes.update(one="404", two="error page", three="breaks off")
    assert world.is_sample(load_data())
    line = capsys.readouterr().out
    assert line.startswith(f"{SAMPLE} (")
    assert line.count("\n") == 1
    for words in ["404 Not Found", "wrong checksum", "the connection broke off"]:
        assert words in line
    assert contents(world.folder) == {}
    with pytest.raises(DataError, match=r"could not be downloaded .*404 Not Found"):
        load_data("mnist")


@pytest.mark.parametrize(
    "wrong",
    [
        {NAMES[0]: b"", NAMES[2]: b"<html>"},
        {NAMES[1]: gzip.compress(bytes([0, 0, 8, 1, 0, 0, 0, 60]) + bytes(60))},
    ],
    ids=["no digits", "other digits"],
)
def test_what_is_wrong_in_data_mnist_is_never_used_and_alone_fetched(world, capsys, wrong, request):
    write_files(world.folder, world.mnist)
    for name, content in wrong.items():
        (world.folder / f"{name}.gz").write_bytes(content)
    assert world.is_sample(load_data())
    assert "(no network; the files in data/mnist are incomplete or damaged)" in capsys.readouterr().out
    with pytest.raises(DataError, match="data/mnist are incomplete or damaged"):
        load_data("mnist")
    mirrors = request.getfixturevalue("mirrors")  # now there is a network
    assert world.is_mnist(load_data())
    assert mirrors.asked("one")[1:] == [f"{name}.gz" for name in wrong]
    assert contents(world.folder) == world.published


def test_unpacked_files_in_data_mnist(world, mirrors):
    write_files(world.folder, world.mnist, suffix="")
    assert world.is_mnist(load_data())
    assert mirrors.requests == []
    write_files(world.folder, world.others, suffix="")
    assert world.is_mnist(load_data())  # other digits do not hide the download


def test_a_folder_that_cannot_be_written_to_is_told(world, mirrors, capsys):
    world.folder.write_text("a file stands where the folder should be")
    assert world.is_sample(load_data())
    assert re.search(r"\(.*mnist cannot be written to: .+\)\.\n$", capsys.readouterr().out)


def test_a_progress_bar_is_shown_for_every_file_and_closed(world, mirrors, monkeypatch):
    bars = []
    progress = download.progress
    monkeypatch.setattr(download, "progress", lambda *how: bars.append(progress(*how)) or bars[-1])
    load_data()
    assert [bar.desc.strip(" :") for bar in bars] == list(world.published)
    for bar, content in zip(bars, world.published.values(), strict=True):
        assert bar.n == bar.total == len(content)
        assert bar.disable  # closed


@pytest.fixture
def nobody(world):
    """Function: from now on this test may not read and write everything, only world.folder is its own."""
    if not hasattr(os, "setresuid"):
        pytest.skip("needs POSIX permissions")
    write_files(world.folder, world.mnist)
    root = os.geteuid() == 0

    def become():
        if root:
            for parent in world.folder.parents:  # pytest's own folders are root's alone
                if parent.stat().st_uid == 0 and parent.is_relative_to("/tmp"):
                    parent.chmod(parent.stat().st_mode | 0o555)
            for path in (world.folder, *world.folder.iterdir()):
                os.chown(path, 65534, -1)
            try:
                os.setresuid(65534, 65534, 0)
            except OSError:  # a namespace in which root is alone
                pytest.skip("there is no second user here")

    yield become
    if root:
        os.setresuid(0, 0, 0)
    world.folder.chmod(0o755)


@pytest.mark.parametrize("mode", [0o000, 0o600])
def test_a_folder_that_we_may_not_look_into_is_as_good_as_none(world, nobody, mode):
    nobody()
    world.folder.chmod(mode)
    assert world.is_sample(load_data())
    with pytest.raises(DataError):
        load_data("mnist")


def test_a_file_that_we_may_not_read_is_named_and_in_data_mnist_fetched_anew(world, mirrors, nobody):
    path = world.folder / f"{NAMES[0]}.gz"
    path.unlink()
    assert world.is_mnist(load_data())  # root has imported all that a download needs
    path.chmod(0)
    nobody()
    with pytest.raises(DataError, match=rf"{NAMES[0]}\.gz cannot be read: Permission denied"):
        load_data(world.folder)
    assert world.is_mnist(load_data())
    assert world.is_mnist(load_data(world.folder))


# ---- offline


@pytest.mark.parametrize("hanging", ["", "socket.getaddrinfo", "urllib3.util.connection.create_connection"])
def test_without_a_network_the_sample_is_there_after_one_short_wait(world, monkeypatch, capsys, hanging):
    """A look-up of a name has no time-out of its own, a connection one for every address of the name."""
    over, ended, waits = threading.Event(), [], Mock(wraps=download.wait)

    def hang(*_, **__):
        ended.append(over.wait(60))
        raise OSError("nothing came back")

    if hanging:
        monkeypatch.setattr(hanging, hang)
    monkeypatch.setattr(download, "MIRRORS", (closed_port(), "http://one.invalid/", "http://two.invalid/"))
    monkeypatch.setattr(download, "ANSWER_WITHIN", 0.3)
    monkeypatch.setattr(download, "wait", waits)
    try:
        assert world.is_sample(load_data())
        assert (waits.call_count, ended) == (1, [])
    finally:
        over.set()
    assert capsys.readouterr().out.endswith("(no network).\n")


# ---- several processes, and processes that are stopped


def visit(world, mirrors):
    """What a process of its own does in the same world."""
    world.enter(mirrors)
    assert world.is_mnist(load_data("mnist"))


def start_process(world, mirrors):
    spawn = multiprocessing.get_context("spawn")
    process = spawn.Process(target=visit, args=(world, mirrors.urls), daemon=True)
    process.start()
    return process


def test_eight_processes_fill_one_empty_folder(world, mirrors):
    for process in [start_process(world, mirrors) for _ in range(8)]:
        process.join()
        assert process.exitcode == 0
    assert contents(world.folder) == world.published


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_an_interrupted_download_leaves_nothing_that_is_trusted(world, mirrors, how, ctrl_c, capfd):
    mirrors.modes["one"] = "stalls"
    process = start_process(world, mirrors)
    while (
        mirrors.pauses.get(timeout=LONG) != f"{NAMES[0]}.gz"
    ):  # when asked for another, it only had to answer
        pass
    os.kill(process.pid, how)
    process.join()
    assert contents(world.folder) == {}
    if how is signal.SIGINT:
        assert "KeyboardInterrupt" in capfd.readouterr().err
    mirrors.modes["one"] = "good"
    assert world.is_mnist(load_data())


# ---- the real files


@pytest.mark.mnist
def test_real_mnist_is_recognised_and_is_what_a_download_must_bring(mnist, mnist_folder):
    assert mnist.counts == "60,000 training and 10,000 test digits"
    for name, (size, sha256) in download.FILES.items():
        content = (mnist_folder / name).read_bytes()
        assert len(content) == size
        assert hashlib.sha256(content).hexdigest() == sha256

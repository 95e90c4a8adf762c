"""load_data: which source it takes, what it says, and how it fares with files and servers that are wrong.

The tests play the whole thing with small digits of their own, published by a real HTTP server on loopback
that can misbehave in the ways in which real ones do.
"""

import hashlib
import http.server
import json
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
import zlib
from pathlib import Path

import numpy as np
import pytest

from mnistlib import datasets
from mnistlib.datasets import DataError, Digits, load_data, read_folder
from mnistlib.idx import write_idx
from mnistlib.plumbing import download

NAMES = [
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
]
REAL_ROOT = Path(datasets.__file__).resolve().parents[1]


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

# Where a server says that a file is now
ELSEWHERE = {
    "leads to half an address": b"http://[::1",
    "leads to an empty label": b"http://a..b/",
    "leads to too long a name": b"http://" + b"a" * 64 + b".example/",
    "leads to no text": b"\xff\xfe",
    "leads to another protocol": b"ftp://127.0.0.1/",
}
# How many bytes a server says that it sends
LENGTHS = {
    "length is two": "5, 5",
}
# What comes instead of a head
HEADS = {
    "no head": b"just some bytes\n" * 20,
    "a head without end": b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000,
    "two hundred headers": b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n",
    "chunks that are none": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nxx\r\n",
}


class Mirrors:
    """Three mirrors on loopback: `modes[mirror]` says how each behaves, `requests` what it was asked for."""

    def __init__(self, files):
        self.files = files
        self.modes = {"one": "good", "two": "good", "three": "good"}
        self.requests = []
        self.packings = []  # what the client says that it takes
        self.done = threading.Event()
        self.out_waited = False
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                mirror, name = self.path.strip("/").split("/")
                outer.requests.append((mirror, name))
                outer.packings.append(self.headers["Accept-Encoding"])
                outer.answer(self, outer.modes[mirror], outer.files[name])

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_):
                pass  # clients hang up on us on purpose

        self.server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()
        self.urls = tuple(f"http://127.0.0.1:{self.server.server_port}/{mirror}/" for mirror in self.modes)

    def keep_waiting(self):
        """Send nothing for so long that nobody should still be there, and note it if somebody was."""
        self.out_waited |= not self.done.wait(12)

    def close(self):
        self.done.set()
        self.server.shutdown()
        self.server.server_close()

    def asked(self, mirror):
        return [name for asked, name in self.requests if asked == mirror]

    def answer(self, handler, mode, content):
        length = {"Content-Length": len(content)}
        if mode == "silent":
            self.keep_waiting()
        elif mode == "hangs up":
            handler.connection.shutdown(socket.SHUT_RDWR)
        elif mode in ("404", "500", "403"):
            handler.send_error(int(mode))
        elif mode == "empty":
            self.send_head(handler, 204, {})
        elif mode == "loop":
            self.send_head(handler, 302, {"Location": handler.path})
        elif mode in ELSEWHERE:
            handler.wfile.write(b"HTTP/1.1 302 Found\r\nLocation: " + ELSEWHERE[mode] + b"\r\n\r\n")
        elif mode in LENGTHS:
            self.send_head(handler, 200, {"Content-Length": LENGTHS[mode]})
            handler.wfile.write(content)
        elif mode in HEADS:
            handler.wfile.write(HEADS[mode])
        elif mode == "error page":
            page = b"<!DOCTYPE html><html><body>Please log in to the network</body></html>"
            self.send_head(handler, 200, {"Content-Length": len(page), "Content-Type": "text/html"})
            handler.wfile.write(page)
        elif mode == "wrong bytes":
            self.send_head(handler, 200, length)
            handler.wfile.write(content[:-1] + bytes([content[-1] ^ 1]))
        elif mode == "too short":
            self.send_head(handler, 200, {"Content-Length": len(content) - 1})
            handler.wfile.write(content[:-1])
        elif mode == "packed, it says":
            self.send_head(handler, 200, {**length, "Content-Encoding": "gzip"})
            handler.wfile.write(content[::-1])
        elif mode == "endless":
            self.send_head(handler, 200, {})
            while not self.done.is_set():
                handler.wfile.write(bytes(1000))
        elif mode in ("breaks off", "stalls"):
            self.send_head(handler, 200, length)
            handler.wfile.write(content[: len(content) // 2])
            handler.wfile.flush()
            handler.connection.shutdown(socket.SHUT_RDWR) if mode == "breaks off" else self.keep_waiting()
        elif mode == "trickles":
            self.send_head(handler, 200, length)
            self.drip(handler, content, 1024, 0.1)
        elif mode == "drips":
            self.send_head(handler, 200, length)
            self.drip(handler, content, 1, 0.2)
        elif mode == "drips in the head":  # it answers the first question, and then this
            if len(self.requests) > 4:
                return self.drip(handler, b"HTTP/1.1 200 OK\r\nServer: " + b"s" * 10_000, 1, 0.2)
            self.send_head(handler, 200, length)
        else:
            assert mode in ("good", "good, of unknown length")
            self.send_head(handler, 200, length if mode == "good" else {})
            handler.wfile.write(content)

    def drip(self, handler, content, piece, pause):
        """Send a few bytes at a time, for as long as anybody listens."""
        for start in range(0, len(content), piece):
            handler.wfile.write(content[start : start + piece])
            handler.wfile.flush()
            if self.done.wait(pause):
                return

    @staticmethod
    def send_head(handler, status, headers):
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, str(value))
        handler.end_headers()


@pytest.fixture
def world(tmp_path, monkeypatch):
    """A project folder with a bundled sample, and no network; `world.mnist` stands for the real MNIST."""

    class World:
        root = tmp_path / "project"
        folder = root / "data" / "mnist"
        sample = make_arrays(30, 20, seed=1)
        mnist = make_arrays(60, 40, seed=2)
        others = make_arrays(60, 40, seed=3)

        def is_mnist(self, digits):
            pairs = zip(digits[:4], self.mnist, strict=True)
            return digits.name == "MNIST" and all(np.array_equal(found, true) for found, true in pairs)

        def is_sample(self, digits):
            pairs = zip(digits[:4], self.sample, strict=True)
            return digits.name == "sample" and all(np.array_equal(found, true) for found, true in pairs)

    world = World()
    write_files(world.root / "data" / "sample", world.sample)
    write_files(tmp_path / "published", world.mnist)
    world.published = {f"{name}.gz": (tmp_path / "published" / f"{name}.gz").read_bytes() for name in NAMES}
    world.files = {
        name: (len(content), hashlib.sha256(content).hexdigest()) for name, content in world.published.items()
    }
    world.checksums = tuple(zlib.crc32(array) for array in world.mnist)
    monkeypatch.setattr(datasets, "ROOT", world.root)
    monkeypatch.setattr(datasets, "MNIST_CHECKSUMS", world.checksums)
    monkeypatch.setattr(download, "FILES", world.files)
    monkeypatch.setattr(download, "MIRRORS", (closed_port(),))
    monkeypatch.delenv("MNIST_DATA_DIR", raising=False)
    for variable in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.chdir(tmp_path)
    return world


@pytest.fixture
def mirrors(world, monkeypatch):
    """Three working mirrors, and little patience with them."""
    mirrors = Mirrors(world.published)
    monkeypatch.setattr(download, "MIRRORS", mirrors.urls)
    monkeypatch.setattr(download, "ANSWER_WITHIN", 1.0)
    monkeypatch.setattr(download, "SILENCE_AT_MOST", 0.5)
    monkeypatch.setattr(download, "JUDGE_SPEED_AFTER", 0.3)
    monkeypatch.setattr(download, "SLOWEST", 50_000)
    yield mirrors
    mirrors.close()


def closed_port():
    """The address of a mirror that refuses connections at once."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{held.getsockname()[1]}/"


# ---- the order of the sources, and the line


def test_the_variable_comes_first(world, mirrors, monkeypatch, capsys):
    write_files(world.folder, world.mnist)
    write_files(world.root.parent / "shared", world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", str(world.root.parent / "shared"))
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, from MNIST_DATA_DIR.\n"
    assert mirrors.requests == []


def test_then_data_mnist(world, mirrors, capsys):
    write_files(world.folder, world.mnist)
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, from data/mnist.\n"
    assert mirrors.requests == []


def test_then_the_network_and_only_once(world, mirrors, capsys):
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, downloaded to data/mnist.\n"
    assert contents(world.folder) == world.published
    assert mirrors.packings[3:] == ["identity"] * 4  # the three before only asked whether a mirror answers
    asked = len(mirrors.requests)
    assert world.is_mnist(load_data("mnist"))
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, from data/mnist.\n"
    assert len(mirrors.requests) == asked


def test_last_the_sample(world, capsys):
    assert world.is_sample(load_data())
    assert capsys.readouterr().out == (
        "The bundled sample stands in for MNIST: "
        "30 training and 20 test digits, from data/sample (no network).\n"
    )
    assert not world.folder.exists()


def test_an_empty_variable_is_as_good_as_none(world, monkeypatch):
    monkeypatch.setenv("MNIST_DATA_DIR", "")
    assert world.is_sample(load_data())


def test_sample_names_the_sample_whatever_else_there_is(world, mirrors, monkeypatch, capsys):
    write_files(world.folder, world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", "nowhere")
    assert world.is_sample(load_data("sample"))
    assert capsys.readouterr().out.endswith("from data/sample.\n")
    assert mirrors.requests == []


def test_mnist_without_a_network_says_how_to_get_it(world):
    with pytest.raises(DataError) as raised:
        load_data("mnist")
    for words in [*world.published, "data/mnist", "no network", "MNIST_DATA_DIR"]:
        assert words in str(raised.value)


def test_no_network_and_no_sample_is_told(world):
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


def test_the_arrays_are_the_callers_own(world):
    for array in load_data("sample")[:4]:
        array[:] = 0
    assert world.is_sample(load_data("sample"))


def test_the_repr_is_short(world):
    assert repr(load_data("sample")) == "Digits(sample: 30 training and 20 test digits)"


# ---- MNIST_DATA_DIR and other folders


def test_a_relative_variable_is_meant_from_here_or_from_the_project(world, monkeypatch, tmp_path):
    write_files(world.root / "classroom", world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", "classroom")
    assert world.is_mnist(load_data())
    write_files(tmp_path / "classroom", world.others)
    np.testing.assert_array_equal(load_data().train_images, world.others[0])


def test_a_tilde_is_the_users_home(world, monkeypatch, tmp_path):
    write_files(tmp_path / "digits", world.mnist)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNIST_DATA_DIR", "~/digits")
    assert world.is_mnist(load_data())


@pytest.mark.parametrize("source", ["auto", "mnist"])
@pytest.mark.parametrize("absent", [*([name] for name in NAMES), NAMES[:2], NAMES[2:]])
def test_a_variable_that_names_an_incomplete_folder_is_an_error(
    world, mirrors, monkeypatch, tmp_path, source, absent
):
    write_files(tmp_path / "shared", world.mnist)
    for name in absent:
        (tmp_path / "shared" / f"{name}.gz").unlink()
    write_files(world.folder, world.mnist)
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "shared"))
    with pytest.raises(DataError, match=rf"MNIST_DATA_DIR.*shared lacks {absent[0]}\.gz"):
        load_data(source)
    assert mirrors.requests == []


@pytest.mark.parametrize("value", ["nowhere", "a-file"])
def test_a_variable_that_names_no_folder_is_an_error(world, mirrors, monkeypatch, tmp_path, value):
    (tmp_path / "a-file").write_text("no folder")
    monkeypatch.setenv("MNIST_DATA_DIR", value)
    with pytest.raises(DataError, match=f"MNIST_DATA_DIR is set, but there is no folder {value}"):
        load_data()
    assert mirrors.requests == []


@pytest.mark.parametrize("damaged", NAMES)
def test_a_damaged_file_in_a_named_folder_is_named(world, monkeypatch, tmp_path, damaged):
    write_files(tmp_path / "shared", world.mnist)
    path = tmp_path / "shared" / f"{damaged}.gz"
    path.write_bytes(path.read_bytes()[:-20])
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "shared"))
    with pytest.raises(DataError, match=rf"MNIST_DATA_DIR.*{damaged}\.gz: byte .*Delete that file"):
        load_data()


def test_a_shared_folder_is_only_read(world, monkeypatch, tmp_path):
    shared = tmp_path / "shared"
    write_files(shared, world.mnist)
    for path in shared.iterdir():
        path.chmod(0o444)
    shared.chmod(0o555)

    def state():
        return {path.name: path.stat().st_mtime_ns for path in (shared, *shared.iterdir())}

    before = state()
    monkeypatch.setenv("MNIST_DATA_DIR", str(shared))
    assert world.is_mnist(load_data())
    assert state() == before
    shared.chmod(0o755)


NOT_ROOT = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() == 0,
    reason="needs a user who may not read everything: not root",
)


@NOT_ROOT
def test_a_file_that_we_may_not_read_is_named(world, tmp_path):
    write_files(tmp_path / "shared", world.mnist)
    (tmp_path / "shared" / f"{NAMES[0]}.gz").chmod(0)
    with pytest.raises(DataError, match=rf"{NAMES[0]}\.gz cannot be read: Permission denied"):
        load_data(tmp_path / "shared")


@pytest.mark.parametrize("half", [0, 2])
def test_other_digits_are_taken_but_not_called_mnist(world, monkeypatch, tmp_path, capsys, half):
    """Also when they come in as many images under the same names, as Fashion-MNIST does, or half is MNIST."""
    write_files(tmp_path / "shared", world.mnist[:half] + world.others[half:])
    monkeypatch.setenv("MNIST_DATA_DIR", str(tmp_path / "shared"))
    assert load_data().name == "own digits"
    assert capsys.readouterr().out == (
        "Digits other than MNIST: 60 training and 40 test digits, from MNIST_DATA_DIR.\n"
    )
    with pytest.raises(DataError, match="holds digits other than MNIST"):
        load_data("mnist")


def test_a_variable_that_names_the_sample_gives_the_sample(world, monkeypatch):
    monkeypatch.setenv("MNIST_DATA_DIR", "data/sample")
    assert world.is_sample(load_data())


@pytest.mark.parametrize("suffix", [".gz", ""], ids=["packed", "unpacked"])
@pytest.mark.parametrize("mark", ["-idx", ".idx"])
def test_packed_and_unpacked_and_dotted_names_are_known(world, tmp_path, suffix, mark, capsys):
    write_files(tmp_path / "shared", world.mnist, suffix)
    for path in (tmp_path / "shared").iterdir():
        path.rename(path.with_name(path.name.replace("-idx", mark)))
    assert world.is_mnist(load_data("shared"))
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, from shared.\n"


def test_a_folder_with_one_pair_gives_no_digits_of_the_other(world, capsys):
    folder = world.root / "data" / "mine"
    folder.mkdir()
    write_idx(folder / NAMES[0], world.others[0])
    write_idx(folder / NAMES[1], world.others[1])
    digits = load_data("data/mine")
    assert (
        capsys.readouterr().out == "Digits other than MNIST: 60 training and 0 test digits, from data/mine.\n"
    )
    np.testing.assert_array_equal(digits.train_images, world.others[0])
    assert digits.test_images.shape == (0, 28, 28)
    assert digits.test_labels.shape == (0,)
    assert digits.test_images.dtype == digits.test_labels.dtype == np.uint8


@pytest.mark.parametrize(("present", "lacking"), [(0, 1), (1, 0), (2, 3), (3, 2)])
def test_half_a_pair_is_an_error(world, tmp_path, present, lacking):
    write_idx(tmp_path / f"{NAMES[present]}.gz", world.others[present])
    with pytest.raises(DataError, match=rf"lacks {NAMES[lacking]}\.gz"):
        load_data(tmp_path)


def test_a_folder_without_digits_is_an_error(world, tmp_path):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="empty lacks train-images-idx3-ubyte"):
        load_data("empty")


@pytest.mark.parametrize("source", [None, 5, b"x", "~nobody-of-this-name/x"])
def test_a_source_that_is_no_folder_is_an_error(world, source):
    with pytest.raises(DataError):
        load_data(source)


def test_a_source_that_does_not_exist_is_an_error(world):
    with pytest.raises(DataError, match=r'no folder minst .*"mnist"'):
        load_data("minst")


@pytest.mark.parametrize(
    ("which", "array", "words"),
    [
        (0, np.zeros((60, 28, 27), np.uint8), r"found uint8 \(60, 28, 27\), expected images"),
        (0, np.zeros((60, 784), np.uint8), r"found uint8 \(60, 784\), expected images"),
        (0, np.zeros(60 * 784, np.uint8), r"found uint8 \(47040,\), expected images"),
        (0, np.zeros((60, 28, 28, 1), np.uint8), "expected images"),
        (0, np.zeros((60, 28, 28), np.float32), "found float32"),
        (0, np.zeros((59, 28, 28), np.uint8), "holds 59 images, but .*train-labels.* 60 labels"),
        (1, np.zeros((60, 1), np.uint8), r"found uint8 \(60, 1\), expected labels"),
        (1, np.zeros(60, np.int32), "found int32"),
        (1, np.zeros(61, np.uint8), "holds 60 images, but .*train-labels.* 61 labels"),
        (1, np.r_[np.zeros(57, np.uint8), np.uint8([10, 0, 255])], "label 57 is 10, expected 0 to 9"),
        (1, np.full(60, 10, np.uint8), "label 0 is 10, expected 0 to 9"),
        (2, np.zeros((40, 32, 32), np.uint8), r"found uint8 \(40, 32, 32\)"),
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


HOSTILE = [
    "404",
    "403",
    "500",
    "empty",
    "silent",
    "hangs up",
    "loop",
    "error page",
    "wrong bytes",
    "too short",
]
HOSTILE += ["packed, it says", "endless", "breaks off", "stalls", "trickles", "drips", "drips in the head"]
HOSTILE += [*ELSEWHERE, *LENGTHS, *HEADS]


@pytest.mark.parametrize("mode", HOSTILE)
def test_the_second_mirror_serves_when_the_first_does_not(world, mirrors, capsys, mode):
    mirrors.modes["one"] = mode
    assert world.is_mnist(load_data())
    assert capsys.readouterr().out == "MNIST: 60 training and 40 test digits, downloaded to data/mnist.\n"
    assert contents(world.folder) == world.published
    assert not mirrors.out_waited
    # Asked for one file to see whether it answers, for one file in earnest, and never again
    assert len(set(mirrors.asked("one"))) <= 2


def test_a_server_that_does_not_say_how_long_a_file_is(world, mirrors):
    mirrors.modes["one"] = "good, of unknown length"
    assert world.is_mnist(load_data())
    assert mirrors.asked("two") == [min(world.files, key=world.files.get)]


def test_when_all_mirrors_fail_the_sample_serves_and_nothing_is_kept(world, mirrors, capsys):
    mirrors.modes.update(one="404", two="error page", three="breaks off")
    assert world.is_sample(load_data())
    line = capsys.readouterr().out
    assert line.startswith(
        "The bundled sample stands in for MNIST: 30 training and 20 test digits, from data/sample ("
    )
    assert line.count("\n") == 1
    for words in ["404 Not Found", "wrong checksum", "the connection broke off"]:
        assert words in line
    assert contents(world.folder) == {}
    with pytest.raises(DataError, match=r"could not be downloaded .*404 Not Found"):
        load_data("mnist")


def test_only_what_is_missing_is_fetched(world, mirrors):
    write_files(world.folder, world.mnist)
    (world.folder / f"{NAMES[0]}.gz").unlink()
    (world.folder / f"{NAMES[2]}.gz").unlink()
    assert world.is_mnist(load_data())
    assert mirrors.asked("one")[1:] == [f"{NAMES[0]}.gz", f"{NAMES[2]}.gz"]
    assert contents(world.folder) == world.published


def damage_by_cutting(folder):
    path = folder / f"{NAMES[0]}.gz"
    path.write_bytes(path.read_bytes()[:-1])


def damage_by_other_digits(folder):
    write_idx(folder / f"{NAMES[1]}.gz", np.zeros(60, np.uint8))


def damage_by_a_web_page(folder):
    (folder / f"{NAMES[3]}.gz").write_text("<html>")


@pytest.mark.parametrize("damage", [damage_by_cutting, damage_by_other_digits, damage_by_a_web_page])
def test_a_wrong_file_in_data_mnist_is_never_used(world, monkeypatch, capsys, damage, request):
    write_files(world.folder, world.mnist)
    damage(world.folder)
    assert world.is_sample(load_data())
    assert "(no network; the files in data/mnist are incomplete or damaged)" in capsys.readouterr().out
    with pytest.raises(DataError, match="data/mnist are incomplete or damaged"):
        load_data("mnist")
    request.getfixturevalue("mirrors")  # now there is a network
    assert world.is_mnist(load_data())
    assert contents(world.folder) == world.published


def test_an_unpacked_wrong_file_does_not_hide_the_download(world, mirrors):
    write_files(world.folder, world.others, suffix="")
    assert world.is_mnist(load_data())


def test_unpacked_mnist_in_data_mnist_is_recognised(world, mirrors):
    write_files(world.folder, world.mnist, suffix="")
    assert world.is_mnist(load_data())
    assert mirrors.requests == []


def test_a_folder_that_cannot_be_written_to_is_told(world, mirrors, capsys):
    world.folder.write_text("a file stands where the folder should be")
    assert world.is_sample(load_data())
    assert re.search(r"\(.*mnist cannot be written to: .+\)\.\n$", capsys.readouterr().out)


def test_everybody_may_read_a_downloaded_file(world, mirrors):
    mask = os.umask(0o022)
    try:
        load_data()
    finally:
        os.umask(mask)
    for path in world.folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) & 0o444 == 0o444


def test_a_progress_bar_is_shown_for_every_file_and_closed(world, mirrors, monkeypatch):
    bars = []

    def watched(total, description="", unit="it"):
        from mnistlib.plumbing.progress import progress

        bars.append(progress(total, description, unit))
        return bars[-1]

    monkeypatch.setattr(download, "progress", watched)
    load_data()
    assert [bar.desc.strip(" :") for bar in bars] == list(world.published)
    for bar, content in zip(bars, world.published.values(), strict=True):
        assert bar.n == bar.total == len(content)
        assert bar.disable  # closed


@NOT_ROOT
@pytest.mark.parametrize("mode", [0o000, 0o600])
def test_a_folder_that_we_may_not_look_into_is_as_good_as_none(world, mode):
    write_files(world.folder, world.mnist)
    world.folder.chmod(mode)
    try:
        assert world.is_sample(load_data())
        with pytest.raises(DataError):
            load_data("mnist")
    finally:
        world.folder.chmod(0o755)


@NOT_ROOT
def test_a_file_in_data_mnist_that_we_may_not_read_is_fetched_anew(world, mirrors):
    write_files(world.folder, world.mnist)
    (world.folder / f"{NAMES[0]}.gz").chmod(0)
    assert world.is_mnist(load_data())
    assert world.is_mnist(load_data())


def test_a_user_without_rights_gets_the_sample(world):
    """The two tests above, as another user, where we are root."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root can become another user")
    write_files(world.folder, world.mnist)
    world.folder.chmod(0o600)
    for parent in world.folder.parents:  # pytest's own folders are root's alone
        if parent.stat().st_uid == 0 and parent.is_relative_to("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o555)
    child = os.fork()
    if child == 0:
        status = 1
        try:
            try:
                os.setuid(65534)
            except OSError:  # a namespace in which root is alone
                os._exit(77)
            status = 0 if world.is_sample(load_data()) else 2
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    if os.waitstatus_to_exitcode(status) == 77:
        pytest.skip("there is no second user here")
    assert os.waitstatus_to_exitcode(status) == 0


# ---- offline


@pytest.mark.parametrize("mirror", ["closed port", "no such name"])
def test_offline_reaches_the_sample_within_seconds(world, monkeypatch, capsys, mirror):
    address = {"closed port": closed_port(), "no such name": "http://mirror.invalid/"}[mirror]
    monkeypatch.setattr(download, "MIRRORS", (address,) * 3)
    start = time.monotonic()
    assert world.is_sample(load_data())
    assert time.monotonic() - start < 5
    assert capsys.readouterr().out.endswith("(no network).\n")


@pytest.mark.parametrize("hanging", ["getaddrinfo", "connect"])
def test_a_network_that_swallows_everything_costs_under_five_seconds(world, monkeypatch, capsys, hanging):
    """A look-up of a name has no time-out of its own, a connection one for every address of the name."""
    over = threading.Event()

    def hang(*_, **__):
        over.wait(30)
        raise OSError("nothing came back")

    if hanging == "getaddrinfo":
        monkeypatch.setattr(socket, "getaddrinfo", hang)
    else:
        monkeypatch.setattr("urllib3.util.connection.create_connection", hang)
    monkeypatch.setattr(download, "MIRRORS", ("http://one.example/", "http://two.example/"))
    start = time.monotonic()
    try:
        assert world.is_sample(load_data())
        assert time.monotonic() - start < 5
    finally:
        over.set()
    assert capsys.readouterr().out.endswith("(no network).\n")


# ---- several processes, and processes that are stopped

PROGRAM = """
import json, sys
from pathlib import Path
from mnistlib import datasets
from mnistlib.plumbing import download
world = json.loads(sys.argv[1])
datasets.ROOT = Path(world["root"])
datasets.MNIST_CHECKSUMS = tuple(world["checksums"])
download.FILES = {name: tuple(facts) for name, facts in world["files"].items()}
download.MIRRORS = tuple(world["mirrors"])
datasets.load_data("mnist")
"""


@pytest.fixture
def start_process(world, mirrors):
    """Start load_data("mnist") in a process of its own that lives in the same world."""
    running = []

    def start():
        settings = {
            "root": str(world.root),
            "checksums": world.checksums,
            "files": world.files,
            "mirrors": mirrors.urls,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, json.dumps(settings)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.communicate()


def test_eight_processes_fill_one_empty_folder(world, mirrors, start_process):
    for process in [start_process() for _ in range(8)]:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        assert out.startswith("MNIST: 60 training and 40 test digits, ")
    assert contents(world.folder) == world.published


@pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX signals")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL], ids=lambda how: how.name)
def test_an_interrupted_download_leaves_nothing_that_is_trusted(world, mirrors, start_process, how, ctrl_c):
    mirrors.modes["one"] = "trickles"
    process = start_process()
    deadline = time.monotonic() + 30
    while len(mirrors.asked("one")) < 2:  # once whether it answers, once in earnest
        assert time.monotonic() < deadline, "the download never began"
        time.sleep(0.02)
    time.sleep(0.2)  # some bytes on their way
    process.send_signal(how)
    _, err = process.communicate(timeout=30)
    assert contents(world.folder) == {}
    if how is signal.SIGINT:
        assert "KeyboardInterrupt" in err
    mirrors.modes["one"] = "good"
    assert world.is_mnist(load_data())


# ---- the real files


def real_folder():
    """The folder of the real MNIST files, or skip the test."""
    for folder in (os.environ.get("MNIST_DATA_DIR"), REAL_ROOT / "data" / "mnist"):
        if folder:
            for place in (Path(folder), REAL_ROOT / folder):
                if (place / f"{NAMES[0]}.gz").is_file() or (place / NAMES[0]).is_file():
                    return place
    pytest.skip("needs the real MNIST files in data/mnist or in MNIST_DATA_DIR")


@pytest.mark.mnist
def test_real_mnist_is_recognised_and_complete(monkeypatch, capsys):
    monkeypatch.setenv("MNIST_DATA_DIR", str(real_folder()))
    digits = load_data("mnist")
    assert capsys.readouterr().out == "MNIST: 60,000 training and 10,000 test digits, from MNIST_DATA_DIR.\n"
    assert isinstance(digits, Digits)
    assert digits.train_images.shape == (60_000, 28, 28)
    assert digits.test_images.shape == (10_000, 28, 28)
    assert digits.train_labels[:10].tolist() == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert digits.test_labels[:10].tolist() == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    # Published counts of each digit, 0 to 9
    counts = [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(digits.train_labels).tolist() == counts


@pytest.mark.mnist
def test_the_published_files_have_the_sizes_and_checksums_that_we_ask_of_a_download():
    folder = real_folder()
    for name, (size, sha256) in download.FILES.items():
        if not (folder / name).is_file():
            pytest.skip("the real files are there, but unpacked")
        content = (folder / name).read_bytes()
        assert len(content) == size
        assert hashlib.sha256(content).hexdigest() == sha256


@pytest.mark.mnist
def test_one_changed_pixel_of_mnist_is_noticed(tmp_path):
    digits = read_folder(real_folder())
    digits.train_images[31_415, 14, 14] ^= 1
    write_files(tmp_path, digits[:4], suffix="")
    assert read_folder(tmp_path).name == "own digits"
    digits.train_images[31_415, 14, 14] ^= 1
    write_idx(tmp_path / NAMES[0], digits.train_images)
    assert read_folder(tmp_path).name == "MNIST"


def test_the_bundled_sample_is_whole():
    folder = REAL_ROOT / "data" / "sample"
    if not folder.is_dir():
        pytest.skip("this checkout has no bundled sample yet")
    digits = read_folder(folder, complete=True)
    assert digits.name == "sample"
    assert digits.counts == "10,000 training and 2,000 test digits"

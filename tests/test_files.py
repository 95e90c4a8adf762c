"""mnistlib.plumbing.files: a file is there whole, or not at all."""

import multiprocessing
import os
import stat
import sys
import threading
import time

import pytest

from mnistlib.plumbing.files import STALE, atomic_write

SIZE = 200_000
LETTERS = b"a", b"b", b"c"
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows has neither these modes nor these links")


def write(path, content):
    with atomic_write(path) as file:
        file.write(content)


def write_until(enough, path, letter):
    while not enough.is_set():
        write(path, letter * SIZE)


@pytest.mark.parametrize(
    "worker", [threading.Thread, multiprocessing.get_context("spawn").Process], ids=["threads", "processes"]
)
@posix
def test_writers_at_the_same_time_never_mix_and_readers_never_see_half_a_file(worker, tmp_path):
    path, enough, seen = tmp_path / "file", multiprocessing.get_context("spawn").Event(), []
    write(path, b"-" * SIZE)
    writers = [worker(target=write_until, args=(enough, path, letter)) for letter in LETTERS]
    for writer in writers:
        writer.start()
    try:
        while len(seen) < 100 or not set(seen) >= set(LETTERS):
            assert all(writer.is_alive() for writer in writers)
            content = path.read_bytes()
            assert content == content[:1] * SIZE
            seen.append(content[:1])
    finally:
        enough.set()
        for writer in writers:
            writer.join()
    assert [getattr(writer, "exitcode", 0) for writer in writers] == [0, 0, 0]
    assert os.listdir(tmp_path) == ["file"]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
def test_what_fails_leaves_the_old_file_and_nothing_else(error, tmp_path):
    path = tmp_path / "file"
    write(path, b"old")

    def fail():
        with atomic_write(path) as file:
            file.write(b"half of the new")
            raise error

    with pytest.raises(error):
        fail()
    assert path.read_bytes() == b"old"
    assert os.listdir(tmp_path) == ["file"]


@posix
def test_a_link_stays_a_link(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    target, link = tmp_path / "elsewhere" / "target", tmp_path / "link"
    write(target, b"old")
    link.symlink_to(os.path.join("elsewhere", "target"))
    write(link, b"new")
    assert link.is_symlink()
    assert target.read_bytes() == b"new"


@posix
@pytest.mark.parametrize("mode", [0o600, 0o640, 0o666])
def test_a_replaced_file_hands_on_its_permissions_before_a_byte_is_written(mode, tmp_path):
    path = tmp_path / "file"
    write(path, b"old")
    path.chmod(mode)
    with atomic_write(path) as file:
        assert stat.S_IMODE(os.fstat(file.fileno()).st_mode) == mode
    assert stat.S_IMODE(path.stat().st_mode) == mode


@posix
def test_a_new_file_has_the_permissions_of_any_other(tmp_path):
    write(tmp_path / "ours", b"")
    (tmp_path / "any other").write_bytes(b"")
    assert (tmp_path / "ours").stat().st_mode == (tmp_path / "any other").stat().st_mode


def test_unfinished_files_look_like_no_data_and_those_of_killed_writers_are_cleared_away(tmp_path):
    with atomic_write(tmp_path / "train-images-idx3-ubyte.gz") as file:
        file.write(b"half")
        assert not list(tmp_path.glob("*ubyte*"))
        at_work = os.path.basename(file.name)
        stale = tmp_path / at_work.replace("-", "-0")
        foreign = tmp_path / "notes.part"
        for path in (stale, foreign):
            path.write_bytes(b"left")
            os.utime(path, (time.time() - 2 * STALE,) * 2)
        write(tmp_path / "second", b"")
        assert sorted(os.listdir(tmp_path)) == sorted([at_work, foreign.name, "second"])


@pytest.mark.parametrize("path", ["folder", os.devnull])
def test_folders_and_devices_are_refused(path, tmp_path):
    (tmp_path / "folder").mkdir()
    with pytest.raises(OSError, match="no file"):
        write(tmp_path / path, b"content")
    assert os.listdir(tmp_path) == ["folder"]
    assert not os.path.isfile(os.devnull)

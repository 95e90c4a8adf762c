"""Kept drawings: several writers, full disks, kills, damaged files. Nothing is lost, nothing half right."""

import errno
import functools
import itertools
import json
import multiprocessing
import os
import random
import re
import threading
import time

import filelock
import numpy as np
import pytest

from mnistlib.datasets import DataError, load_data, read_folder
from mnistlib.idx import read_idx, write_idx
from mnistlib.pad import Collection, collection
from mnistlib.pen import rasterise, sample_strokes
from mnistlib.plumbing import files

FULL = OSError(errno.ENOSPC, "No space left on device")
IDX = [f"{half}-{kind}-ubyte" for half in ("train", "t10k") for kind in ("images-idx3", "labels-idx1")]


def drawing(n):
    """Strokes and label of the n-th sample."""
    return sample_strokes(n % 10, seed=n), n % 10


def add(kept, *numbers):
    for n in numbers:
        kept.add(*drawing(n))


def keep(folder, numbers, pause=0.0):
    """What a learner with a pad of his own does."""
    kept, rng = Collection(folder), random.Random(numbers[0])
    for n in numbers:
        add(kept, n)
        time.sleep(rng.uniform(0, pause))


@functools.cache
def image(n):
    return rasterise(drawing(n)[0]).tobytes()


def check_whole(digits, count):
    """Every image of a load is one of the first `count` drawings, with its own label. How many there are."""
    known = {image(n): n % 10 for n in range(count)}
    images, labels = ([*digits[k], *digits[k + 2]] for k in (0, 1))
    assert len(images) == len(labels)
    assert [known[image.tobytes()] for image in images] == labels
    return len(images)


# -- several at once ------------------------------------------------------------------------------------

WORKERS = {"threads": threading.Thread, "processes": multiprocessing.get_context("spawn").Process}


@pytest.mark.parametrize("count", [8, pytest.param(60, marks=pytest.mark.rerun)])
@pytest.mark.parametrize("pause", [0, 0.05])
@pytest.mark.parametrize("worker", WORKERS)
def test_two_who_keep_drawings_in_one_folder_lose_none(worker, pause, count, tmp_path):
    several = [
        WORKERS[worker](target=keep, args=(tmp_path, range(start, start + count), pause))
        for start in (0, count)
    ]
    for one in several:
        one.start()
    while any(one.is_alive() for one in several):
        if (tmp_path / IDX[-1]).exists():  # from now on there is always something to read
            check_whole(read_folder(tmp_path), 2 * count)
    for one in several:
        one.join()
        assert getattr(one, "exitcode", 0) == 0
    kept = sorted(image.tobytes() for image in Collection(tmp_path).images)
    assert kept == sorted(map(image, range(2 * count)))
    assert check_whole(read_folder(tmp_path), 2 * count) == 2 * count
    assert sorted(os.listdir(tmp_path)) == sorted([".lock", "drawings.json", *IDX])


def test_two_in_turn_see_each_other_and_rasterise_only_what_is_new(tmp_path, monkeypatch):
    one, two = Collection(tmp_path), Collection(tmp_path)
    add(one, 1, 2, 3)
    assert len(two) == 3
    drawn = []
    monkeypatch.setattr(collection, "rasterise", lambda strokes: drawn.append(1) or rasterise(strokes))
    add(one, 4)
    assert two.labels.tolist() == [1, 2, 3, 4]
    assert len(drawn) == 2  # once by each


def test_taking_back_takes_ones_own_last(tmp_path):
    one, two = Collection(tmp_path), Collection(tmp_path)
    add(one, 1, 4)
    add(two, 2)
    assert one.remove_last() == 4
    assert two.labels.tolist() == [1, 2]
    add(two, 1)  # the same drawing as one's first: they are alike, one of them goes
    assert one.remove_last() == 1
    assert one.labels.tolist() == [1, 2]
    assert one.remove_last() is None
    assert Collection(tmp_path).remove_last() is None
    assert two.labels.tolist() == [1, 2]
    assert [two.remove_last(), two.remove_last()] == [1, 2]


def test_what_somebody_mended_by_hand_is_seen(tmp_path):
    kept = Collection(tmp_path)
    add(kept, 1, 2)
    path = tmp_path / "drawings.json"
    path.write_text(path.read_text().replace('"label": 1', '"label": 7'))  # a change of equal length
    os.utime(path, (0, 0))  # at another time: some file systems' clocks tick a hundred times a second only
    assert kept.labels.tolist() == [7, 2]
    add(kept, 3)
    path.write_text(re.sub(r',\n\{"label": 3.*', "", path.read_text()))  # the last one taken out
    assert kept.remove_last() == 2
    assert kept.labels.tolist() == [7]
    path.write_text(path.read_text(), encoding="utf-8-sig")  # as Windows' editor saves it
    assert Collection(tmp_path).labels.tolist() == [7]


def test_who_writes_for_too_long_is_an_error_and_the_drawing_is_saved_later(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "PATIENCE", 0.05)
    kept = Collection(tmp_path)
    add(kept, 1)
    with filelock.FileLock(tmp_path / ".lock"), pytest.raises(OSError, match="lock"):
        add(kept, 2)
    assert kept.labels.tolist() == [1, 2]
    assert kept.unsaved == 1
    add(kept, 3)
    assert Collection(tmp_path).labels.tolist() == [1, 2, 3]


@pytest.mark.parametrize("error", [OSError(errno.ENOLCK, "No locks available"), NotImplementedError()])
def test_where_locks_do_not_work_drawings_are_kept_all_the_same(tmp_path, monkeypatch, error):
    def acquire(self, **options):
        raise error

    monkeypatch.setattr(filelock.FileLock, "acquire", acquire)
    kept = Collection(tmp_path)
    add(kept, 1, 2)
    assert kept.remove_last() == 2
    assert Collection(tmp_path).labels.tolist() == [1]


# -- when something goes wrong --------------------------------------------------------------------------


@pytest.fixture
def full(monkeypatch):
    """full(True): from now on the disk is full; full(False): there is room again."""
    replace, is_full = os.replace, []

    def replaced(*paths):
        if is_full:
            raise FULL
        replace(*paths)

    monkeypatch.setattr(os, "replace", replaced)
    return lambda now: is_full.append(1) if now else is_full.clear()


def test_nothing_is_lost_when_the_disk_is_full(tmp_path, full):
    kept, other = Collection(tmp_path), Collection(tmp_path)
    add(kept, 1)
    full(True)
    for n in (2, 3):
        with pytest.raises(OSError, match="No space"):
            add(kept, n)
    assert kept.labels.tolist() == [1, 2, 3]
    assert kept.remove_last() == 3  # it was only in memory
    full(False)
    add(other, 5)
    assert kept.labels.tolist() == [1, 5, 2]
    add(kept, 4)
    assert Collection(tmp_path).labels.tolist() == [1, 5, 2, 4]


def test_taking_back_that_fails_takes_nothing_back(tmp_path, full):
    kept = Collection(tmp_path)
    add(kept, 1, 2)
    full(True)
    with pytest.raises(OSError, match="No space"):
        kept.remove_last()
    assert kept.labels.tolist() == Collection(tmp_path).labels.tolist() == [1, 2]
    full(False)
    assert kept.remove_last() == 2
    assert Collection(tmp_path).labels.tolist() == [1]


def test_images_that_could_not_be_written_are_written_when_the_folder_is_opened(tmp_path, full, monkeypatch):
    kept = Collection(tmp_path)
    add(kept, 1, 2)
    with monkeypatch.context() as patch:
        patch.setattr(collection, "write_idx", lambda path, array: full(True) or write_idx(path, array))
        with pytest.raises(OSError, match="No space"):
            add(kept, 3)
    full(False)
    assert kept.unsaved == 0  # the drawing itself is there
    with pytest.raises(DataError, match=r"lacks t10k-labels.* A SketchPad on this folder"):
        read_folder(tmp_path)
    Collection(tmp_path)
    assert sorted(load_data(tmp_path).train_labels) == [1, 2, 3]


@pytest.mark.parametrize("damage", ["mixed", "half"])
def test_opening_a_folder_mends_its_images(tmp_path, damage):
    add(Collection(tmp_path), *range(12))
    images, labels = (tmp_path / name for name in IDX[:2])
    expected = {name: (tmp_path / name).read_bytes() for name in IDX}
    if damage == "mixed":
        write_idx(labels, read_idx(labels)[::-1].copy())  # as many labels, but others
    else:
        images.write_bytes(images.read_bytes()[:1000])
    Collection(tmp_path)
    assert {name: (tmp_path / name).read_bytes() for name in IDX} == expected


def keep_and_tell(folder, told):
    """Keep one drawing after the other; say of each, in a file, that it has been kept."""
    kept = Collection(folder)
    for n in itertools.count(len(kept)):
        add(kept, n)
        with told.open("a") as file:
            file.write(f"{n + 1}\n")


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="forks, to be fast")
@pytest.mark.parametrize("kills", [8, pytest.param(200, marks=pytest.mark.rerun)])
def test_no_drawing_that_was_kept_is_lost_when_the_kernel_is_killed(tmp_path, kills):
    folder, told = tmp_path / "mine", tmp_path / "told"
    rng, refused = random.Random(1), 0
    for _ in range(kills):
        told.write_text("")
        keeper = multiprocessing.get_context("fork").Process(target=keep_and_tell, args=(folder, told))
        keeper.start()
        while keeper.is_alive() and not told.read_text():  # the first is kept: now any moment may be the last
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.1))
        keeper.kill()
        keeper.join()
        acknowledged = int(told.read_text().split()[-1])
        try:  # what it left may be refused, but is not half right
            check_whole(read_folder(folder), acknowledged + 1)
        except DataError as error:
            refused += 1
            assert "A SketchPad on this folder" in str(error)  # noqa: PT017 - reading may also succeed
        kept = Collection(folder)
        assert len(kept) in (acknowledged, acknowledged + 1)  # one may be kept that nobody was told of
        assert kept.labels.tolist() == [n % 10 for n in range(len(kept))]
        assert check_whole(read_folder(folder), len(kept)) == len(kept)
    print(f"{kills} kills: {len(kept)} drawings kept, the images refused {refused} times until opened")


# -- what is refused ------------------------------------------------------------------------------------

ENTRIES = {
    "a strange label": '{"label": 12, "strokes": []}',
    "true as a label": '{"label": true, "strokes": []}',
    "points of three": '{"label": 1, "strokes": [[[1, 2, 3]]]}',
    "a number beyond all": '{"label": 1, "strokes": [[[1' + "0" * 400 + ", 2]]]}",
}
DAMAGED = {
    "empty": "",
    "a list": "[]",
    "no format": "{}",
    "another format": '{"format": "x", "drawings": []}',
    "deep": "[" * 100_000,
} | {name: f'{{"format": "mnistlib drawings 1", "drawings": [{entry}]}}' for name, entry in ENTRIES.items()}


@pytest.mark.parametrize("content", DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_named_and_left_alone(tmp_path, content):
    path = tmp_path / "drawings.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=re.escape(str(path))):
        Collection(tmp_path)
    assert path.read_text() == content
    path.unlink()
    path.mkdir()
    with pytest.raises(ValueError, match="is a folder"):
        Collection(tmp_path)


@pytest.mark.parametrize("label", [-1, 10, 3.0, "3", None, True])
def test_what_is_no_digit_is_not_kept(label):
    kept = Collection()
    with pytest.raises(ValueError, match="digit from 0 to 9"):
        kept.add(sample_strokes(1), label)
    assert len(kept) == 0


def test_drawings_json_has_a_line_for_each_drawing(tmp_path):
    add(Collection(tmp_path), 3, 4)
    text = (tmp_path / "drawings.json").read_text()
    assert [line[:11] for line in text.splitlines()[1:3]] == ['{"label": 3', '{"label": 4']
    strokes = json.loads(text)["drawings"][0]["strokes"]
    np.testing.assert_array_equal(strokes[0], sample_strokes(3, seed=3)[0])

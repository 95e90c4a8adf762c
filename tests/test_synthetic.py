"""mnistlib.pen.synthetic, its skeletons, and the bundled sample that they make."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from sample import contact_sheet, main

from mnistlib.datasets import read_folder
from mnistlib.network import Network
from mnistlib.pen import synthetic
from mnistlib.pen.skeletons import WAYS, parse
from mnistlib.pen.synthetic import Style, synthetic_digits
from mnistlib.training import accuracy, linear_decay, train

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("t10k", "train") for kind in ("images-idx3", "labels-idx1")]

STILL = Style(**({field.name: 0 for field in fields(Style)} | {"width_mean": 2.5}))  # nothing varies


@pytest.fixture(scope="module")
def digits():
    return synthetic_digits(2_000, seed=5)


@pytest.fixture(scope="module")
def sample():
    return read_folder(SAMPLE)


@pytest.fixture(scope="module")
def network(sample):
    """One that has learned from the sample."""
    network = Network([784, 128, 10], seed=0)
    options = {"epochs": 12, "batch_size": 100, "learning_rate": linear_decay(0.1), "seed": 0}
    train(network, sample.train_images, sample.train_labels, progress=False, **options)
    return network


# ---- what it makes


@pytest.mark.parametrize("n", [0, 1, 7, 37, 500])
def test_as_many_as_asked_for_of_every_class_as_often(n):
    images, labels = synthetic_digits(n, seed=1)
    assert images.shape == (n, 28, 28)
    assert labels.shape == (n,)
    assert images.dtype == labels.dtype == np.uint8
    assert np.ptp(np.bincount(labels, minlength=10)) <= 1
    with pytest.raises(ValueError, match="-1"):
        synthetic_digits(-1)


def test_labels_are_mixed(digits):
    first = digits[1][:100].astype(int)
    assert (np.diff(first) != 0).mean() > 0.7
    assert not np.array_equal(first, np.arange(100) % 10)


def test_looks_stored_as_mnist_is(digits):
    images, _ = digits
    assert not images[:, [0, -1], :].any()
    assert not images[:, :, [0, -1]].any()
    extents = [np.ptp(np.flatnonzero(image.any(axis=k))) + 1 for image in images for k in (0, 1)]
    assert (np.max(np.reshape(extents, (-1, 2)), axis=1) == 20).mean() > 0.99
    mass = images.sum(axis=(1, 2), dtype=float)
    grid = np.arange(28)
    for axis, other in ((1, 2), (2, 1)):
        centre = images.sum(axis=other, dtype=float) @ grid / mass
        stopped = images.any(axis=other)[:, [1, 26]].any(axis=1)  # no room to move further
        assert ((centre >= 13.5) & (centre < 14.5) | stopped).all(), axis
    brightest = images.max(axis=(1, 2))
    assert (brightest == 255).mean() > 0.99
    assert brightest.min() > 200
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)  # no two alike


def test_as_much_ink_as_mnist(digits):
    # MNIST's training images: 13.1 % of all that could be ink is; 19.1 % of the pixels have some
    images, labels = digits
    assert images.mean() / 255 == pytest.approx(0.131, abs=0.015)
    assert (images > 0).mean() == pytest.approx(0.191, abs=0.025)
    assert images[labels == 1].mean() / 255 == pytest.approx(0.076, abs=0.015)
    assert images[labels == 0].mean() / 255 == pytest.approx(0.173, abs=0.025)


def test_the_seed_alone_decides():
    before = str(np.random.get_state(legacy=False))  # noqa: NPY002
    one, same, other = (synthetic_digits(300, seed) for seed in (5, 5, 6))
    assert all(map(np.array_equal, one, same))
    assert not any(map(np.array_equal, one, other))
    assert str(np.random.get_state(legacy=False)) == before  # noqa: NPY002


def test_a_style_changes_what_it_says():
    def ink(**changes):
        return synthetic_digits(300, 1, Style(**changes))[0].mean()

    assert ink(width_mean=1.8) < ink() < ink(width_mean=3.5)
    images, labels = synthetic_digits(4_000, 1, STILL)
    plain = images[labels == 8]
    assert len(np.unique(plain.reshape(len(plain), -1), axis=0)) == sum(len(way.skeletons) for way in WAYS[8])


# ---- skeletons


def test_a_skeleton_is_read():
    (seven, bar) = parse("4,8 34,6 62,3! 46,40 28,100 / 18,52 40,51 62,48")
    points, corners = seven
    assert points == pytest.approx(np.array([[4, 8], [34, 6], [62, 3], [46, 40], [28, 100]]) / 100)
    assert corners.tolist() == [False, False, True, False, False]
    assert bar[0].shape == (3, 2)
    assert not bar[1].any()


@pytest.mark.parametrize(
    "line", ["", "3,4", "1,2 3", "1,2 3,4,5", "a,b 1,2", "1,2 3,4 / 5,6", "1,2 3,4 /", "1,2 nan,4"]
)
def test_a_skeleton_that_is_none_is_refused(line):
    with pytest.raises(ValueError, match=r"skeleton|stroke"):
        parse(line)


def test_all_ten_digits_have_skeletons_that_can_be_blended():
    assert list(WAYS) == list(range(10))
    for ways in WAYS.values():
        assert len({way.name for way in ways}) == len(ways)
        for way in ways:
            assert way.often > 0
            strokes = [parse(skeleton) for skeleton in way.skeletons]
            assert len({len(skeleton) for skeleton in strokes}) == 1
            assert len(strokes[0]) in synthetic.SPOTS_OF_STROKES
            for skeleton in strokes:
                points = np.concatenate([stroke for stroke, _ in skeleton])
                assert points[:, 1].min() <= 0.1
                assert 0.9 <= points[:, 1].max() <= 1
                assert points[:, 0].min() >= 0
                assert points[:, 0].max() <= 1


def test_the_path_passes_every_point_at_an_even_pace():
    for points, matrix in synthetic.skeleton_curves():
        path = matrix @ points
        assert path.shape == (synthetic.SPOTS, 2)
        distance = np.linalg.norm(points[:, None] - path, axis=2).min(axis=1)
        assert distance.max() < 0.03
    points, matrix = synthetic.curve(parse("10,0 60,20 5,60 40,100"))
    pace = np.linalg.norm(np.diff(matrix @ points, axis=0), axis=1)
    assert pace.max() < 1.5 * pace.min()


def test_a_corner_is_sharp():
    for line, sharp in (("0,0 50,50! 0,100", True), ("0,0 50,50 0,100", False)):
        points, matrix = synthetic.curve(parse(line))
        x, y = (matrix @ points).T
        beside = np.abs(x - (0.5 - np.abs(y - 0.5))).max()
        assert beside < 1e-9 if sharp else beside > 0.03


# ---- data/sample


def test_the_sample_is_what_the_readme_says(sample):
    assert sorted(path.name for path in SAMPLE.glob("*")) == NAMES
    train_images, train_labels, test_images, test_labels = sample[:4]
    for labels, n in ((train_labels, 10_000), (test_labels, 2_000)):
        assert np.array_equal(np.bincount(labels), np.full(10, n // 10))
    assert sum((SAMPLE / name).stat().st_size for name in NAMES) < 2.5e6
    images = np.concatenate([train_images, test_images])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)  # none of them twice


def test_the_command_writes_the_sample_again(sample, tmp_path, capsys):
    folder = tmp_path / "new"
    main(["--folder", str(folder)])
    assert str(folder) in capsys.readouterr().out
    assert sorted(path.name for path in folder.glob("*")) == NAMES
    made = read_folder(folder)
    for part in ("train", "test"):
        labels, images = (getattr(made, f"{part}_{kind}") for kind in ("labels", "images"))
        assert np.array_equal(labels, getattr(sample, f"{part}_labels"))
        # Another processor may round otherwise: a few grey levels; and if a centre of mass lies on the edge
        # of a pixel, that may decide by how many pixels the image is moved.
        difference = np.abs(images.astype(int) - getattr(sample, f"{part}_images")).max(axis=(1, 2))
        assert (difference <= 3).mean() > 0.998


def test_the_pictures(tmp_path):
    for what in ("--picture", "--skeletons"):
        main([what, str(tmp_path / "sheet.png")])
        assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    images, labels = synthetic_digits(60, seed=0)
    sheet = contact_sheet(images, labels, columns=8)
    assert sheet.shape == (280, 8 * 28)
    assert np.array_equal(sheet[3 * 28 : 4 * 28, 28:56], images[labels == 3][1])
    assert not sheet[:, 6 * 28 :].any()


def test_the_sample_is_neither_trivial_nor_hopeless(network, sample):
    assert 0.90 < accuracy(network, sample.test_images, sample.test_labels) < 0.99


@pytest.mark.mnist
def test_a_network_that_learned_from_the_sample_reads_mnist(network, mnist):
    assert accuracy(network, mnist.train_images, mnist.train_labels) > 0.915

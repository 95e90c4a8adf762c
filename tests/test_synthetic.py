"""mnistlib.pen.synthetic, its skeletons, and the bundled sample that they make."""

from pathlib import Path

import numpy as np
import pytest
from sample import contact_sheet, main

from mnistlib.idx import read_idx
from mnistlib.network import Network
from mnistlib.pen import synthetic
from mnistlib.pen.skeletons import WAYS, parse
from mnistlib.pen.synthetic import Style, synthetic_digits
from mnistlib.training import accuracy, linear_decay, train

ROOT = Path(__file__).resolve().parents[1]
SAMPLE = ROOT / "data" / "sample"
NAMES = [f"{part}-{kind}-ubyte.gz" for part in ("t10k", "train") for kind in ("images-idx3", "labels-idx1")]

STILL = Style(
    **dict.fromkeys(
        ("blend", "jitter", "squeeze", "waves", "taper", "bend", "aspect", "slant", "slant_mean", "rotation"),
        0,
    ),
    **dict.fromkeys(("width", "pressure", "rough", "edge"), 0),
)  # nothing varies but the choice of the skeleton


@pytest.fixture(scope="module")
def digits():
    return synthetic_digits(2_000, seed=5)


@pytest.fixture(scope="module")
def sample():
    return {name: read_idx(SAMPLE / name) for name in NAMES}


def learn(images, labels, epochs=12):
    network = Network([784, 128, 10], seed=0)
    train(
        network,
        images,
        labels,
        epochs=epochs,
        batch_size=100,
        learning_rate=linear_decay(0.1),
        seed=0,
        progress=False,
    )
    return network


def touches_the_border(images):
    return images[:, [0, -1], :].any() or images[:, :, [0, -1]].any()


def extents(images):
    """Height and width of the ink, (n,) pixels each."""
    rows, columns = images.any(axis=2), images.any(axis=1)
    return tuple(28 - on.argmax(axis=1) - on[:, ::-1].argmax(axis=1) for on in (rows, columns))


# ---- what it makes


def test_shapes_and_types(digits):
    images, labels = digits
    assert images.shape == (2_000, 28, 28)
    assert labels.shape == (2_000,)
    assert images.dtype == labels.dtype == np.uint8


def test_every_class_as_often(digits):
    assert np.array_equal(np.bincount(digits[1]), np.full(10, 200))
    counts = np.bincount(synthetic_digits(37, seed=1)[1], minlength=10)
    assert set(counts) == {3, 4}


def test_labels_are_mixed(digits):
    first = digits[1][:100]
    assert len(set(first)) == 10
    assert (np.diff(first.astype(int)) != 0).mean() > 0.7
    assert not np.array_equal(first, np.arange(100) % 10)


def test_looks_stored_as_mnist_is(digits):
    images, _ = digits
    assert not touches_the_border(images)
    height, width = extents(images)
    assert (np.maximum(height, width) == 20).mean() > 0.99
    mass = images.sum(axis=(1, 2), dtype=float)
    grid = np.arange(28)
    for axis, other in ((1, 2), (2, 1)):
        centre = images.sum(axis=other, dtype=float) @ grid / mass
        stopped = images.any(axis=other)[:, [1, 26]].any(axis=1)  # no room to move further
        assert ((centre >= 13.5) & (centre < 14.5) | stopped).all(), axis
    brightest = images.max(axis=(1, 2))
    assert (brightest == 255).mean() > 0.99
    assert brightest.min() > 200


def test_as_much_ink_as_mnist(digits):
    # MNIST's training images: 13.1 % of all that could be ink is; 19.1 % of the pixels have some
    images, labels = digits
    assert images.mean() / 255 == pytest.approx(0.131, abs=0.015)
    assert (images > 0).mean() == pytest.approx(0.191, abs=0.025)
    assert images[labels == 1].mean() / 255 == pytest.approx(0.076, abs=0.015)
    assert images[labels == 0].mean() / 255 == pytest.approx(0.173, abs=0.025)


def test_no_two_digits_alike(digits):
    assert len(np.unique(digits[0].reshape(len(digits[0]), -1), axis=0)) == len(digits[0])


def test_same_seed_same_digits(digits):
    again = synthetic_digits(2_000, seed=5)
    assert np.array_equal(again[0], digits[0])
    assert np.array_equal(again[1], digits[1])
    other = synthetic_digits(2_000, seed=6)
    assert not np.array_equal(other[0], digits[0])
    assert not np.array_equal(other[1], digits[1])


def test_numpys_global_random_numbers_are_left_alone():
    np.random.seed(0)  # noqa: NPY002
    expected = np.random.random()  # noqa: NPY002
    np.random.seed(0)  # noqa: NPY002
    synthetic_digits(10, seed=3)
    assert np.random.random() == expected  # noqa: NPY002


@pytest.mark.parametrize("n", [0, 1, 7])
def test_few_digits(n):
    images, labels = synthetic_digits(n, seed=0)
    assert images.shape == (n, 28, 28)
    assert labels.shape == (n,)


def test_negative_number():
    with pytest.raises(ValueError, match="-1"):
        synthetic_digits(-1)


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
    straight = synthetic.curve(parse("0,0 50,50! 0,100"))
    path = straight[1] @ straight[0]
    assert np.abs(path[:, 0] - (0.5 - np.abs(path[:, 1] - 0.5))).max() < 1e-9
    round_ = synthetic.curve(parse("0,0 50,50 0,100"))
    path = round_[1] @ round_[0]
    assert np.abs(path[:, 0] - (0.5 - np.abs(path[:, 1] - 0.5))).max() > 0.03


def test_skeletons_can_be_looked_at(tmp_path):
    main(["--skeletons", str(tmp_path / "skeletons.png")])
    assert (tmp_path / "skeletons.png").read_bytes().startswith(b"\x89PNG")


# ---- distortions


def test_distortions_by_nothing_change_nothing():
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 1, size=(2, 5, 20))
    none = np.zeros((5, 1))
    for result in (
        synthetic.squeeze(x, y, none + 1),
        synthetic.wave(x, y, 2, none, none, none, none),
        synthetic.bend(x, y, none, none, none, none),
        synthetic.widen(x, y, none + 1),
        synthetic.slant(x, y, none),
        synthetic.rotate(x, y, none),
    ):
        np.testing.assert_allclose(result, (x, y))
    tapered, same = synthetic.taper(x, y, none)
    np.testing.assert_allclose(np.diff(tapered), np.diff(x))
    np.testing.assert_allclose(same, y)


def test_distortions_do_what_they_are_called():
    top, bottom = np.array([[0.3]]), np.array([[0.0, 1.0]])
    stroke = np.repeat(top, 2, axis=1)  # a vertical line: x 0.3, y 0 and 1
    x, _ = synthetic.slant(stroke, bottom, 0.2)
    assert x[0, 0] > x[0, 1], "leaning right means that the top is further right"
    x, y = synthetic.rotate(np.zeros((1, 2)), np.array([[0.0, -1.0]]), np.pi / 2)
    assert (x[0, 1], y[0, 1]) == pytest.approx((1, 0)), "clockwise, up becomes right"
    wide, _ = synthetic.taper(np.array([[0.0, 0.7, 0.0, 0.7]]), np.array([[0.0, 0.0, 1.0, 1.0]]), 0.5)
    assert wide[0, 1] - wide[0, 0] < wide[0, 3] - wide[0, 2], "wider at the bottom"
    _, y = synthetic.squeeze(stroke, np.array([[0.5, 0.5]]), 0.5)
    assert (y > 0.5).all(), "the waist moves down"


def test_pens_differ_and_stay_usable():
    width, edge = synthetic.choose_pens(500, Style(), np.random.default_rng(0))
    assert width.shape == (500, synthetic.SPOTS)
    assert edge.shape == (500,)
    assert width.min() > 0.3
    assert width.max() < 12
    assert np.median(width) == pytest.approx(Style().width_mean, rel=0.1)
    assert 0.2 < np.log(width.mean(axis=1)).std() < 0.4


# ---- data/sample


def test_the_sample_is_what_the_readme_says(sample):
    assert sorted(path.name for path in SAMPLE.glob("*")) == NAMES
    for part, n in (("train", 10_000), ("t10k", 2_000)):
        images, labels = sample[f"{part}-images-idx3-ubyte.gz"], sample[f"{part}-labels-idx1-ubyte.gz"]
        assert images.shape == (n, 28, 28)
        assert images.dtype == labels.dtype == np.uint8
        assert not touches_the_border(images)
        assert np.array_equal(np.bincount(labels), np.full(10, n // 10))
    assert sum((SAMPLE / name).stat().st_size for name in NAMES) < 2.5e6


def test_the_command_writes_the_sample_again(sample, tmp_path, capsys):
    main(["--folder", str(tmp_path / "new")])
    assert str(tmp_path / "new") in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "new").glob("*")) == NAMES
    for name in NAMES:
        made = read_idx(tmp_path / "new" / name)
        if "labels" in name:
            assert np.array_equal(made, sample[name])
        else:
            # Another processor may round otherwise: a few grey levels; and if a centre of mass lies on the
            # edge of a pixel, that may decide by how many pixels the image is moved.
            difference = np.abs(made.astype(int) - sample[name]).max(axis=(1, 2))
            assert (difference <= 3).mean() > 0.998


def test_the_training_and_the_test_digits_are_different(sample):
    images = np.concatenate([sample["train-images-idx3-ubyte.gz"], sample["t10k-images-idx3-ubyte.gz"]])
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) == len(images)


def test_the_sample_is_neither_trivial_nor_hopeless(sample):
    network = learn(sample["train-images-idx3-ubyte.gz"], sample["train-labels-idx1-ubyte.gz"])
    test = sample["t10k-images-idx3-ubyte.gz"], sample["t10k-labels-idx1-ubyte.gz"]
    assert 0.90 < accuracy(network, *test) < 0.99


def test_the_picture(tmp_path):
    main(["--picture", str(tmp_path / "sheet.png")])
    assert (tmp_path / "sheet.png").read_bytes().startswith(b"\x89PNG")
    images, labels = synthetic_digits(60, seed=0)
    sheet = contact_sheet(images, labels, columns=8)
    assert sheet.shape == (280, 8 * 28)
    third = images[labels == 3]
    assert np.array_equal(sheet[3 * 28 : 4 * 28, 28:56], third[1])
    assert not sheet[:, 6 * 28 :].any()


@pytest.mark.mnist
def test_a_network_that_learned_from_the_sample_reads_mnist(sample, mnist):
    network = learn(sample["train-images-idx3-ubyte.gz"], sample["train-labels-idx1-ubyte.gz"])
    assert accuracy(network, mnist.train_images, mnist.train_labels) > 0.915

"""mnistlib.pen: what the drawing pad and the bundled sample rely on."""

import itertools
import tracemalloc

import numpy as np
import pytest

from mnistlib.pen import ink, rasterise, sample_strokes

SHEET = {"box": False, "centre": False, "canvas": 280}  # as it was drawn
PIXELS = np.stack(np.meshgrid(range(28), range(28)), axis=-1)


def circle(points=60, radius=1.0):
    angle = np.linspace(0, 2 * np.pi, points)
    return radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def random_drawing(rng):
    """One to four strokes that wander, somewhere, in some unit, some of them very lopsided."""
    unit, place = 10 ** rng.uniform(-3, 5), rng.normal(size=2) * 20
    drawing = [
        np.cumsum(rng.normal(size=(rng.integers(1, 40), 2)), axis=0) * rng.uniform(0.1, 3, size=2)
        + rng.normal(size=2) * 5
        for _ in range(rng.integers(1, 5))
    ]
    return [(stroke + place) * unit for stroke in drawing]


def drawings(count=200):
    rng = np.random.default_rng(0)
    return [random_drawing(rng) for _ in range(count)]


def inked(image):
    """First and last row, first and last column with ink."""
    rows, columns = np.flatnonzero(image.any(axis=1)), np.flatnonzero(image.any(axis=0))
    return rows[0], rows[-1], columns[0], columns[-1]


def ink_alone(image):
    """The image without what is empty around the ink."""
    top, bottom, left, right = inked(image)
    return image[top : bottom + 1, left : right + 1]


def centre_of_mass(image):
    grid = np.arange(28)
    total = image.sum(dtype=float)
    return image.sum(axis=0) @ grid / total, image.sum(axis=1) @ grid / total


def defined(strokes, width):
    """The definition: the grey of a pixel is that of its middle's exact distance from the path, in pixels."""
    nearest = np.full((28, 28), np.inf)
    for stroke in strokes:
        for a, b in itertools.pairwise([stroke[0], *stroke]):
            along = np.clip((PIXELS - a) @ (b - a) / max((b - a) @ (b - a), 1e-300), 0, 1)
            distance = np.linalg.norm(a + along[..., None] * (b - a) - PIXELS, axis=-1)
            nearest = np.minimum(nearest, distance)
    return np.round(255 * np.clip(0.5 - (nearest - width / 2) / ink.EDGE, 0, 1))


def close(image, other, levels=2):
    return np.abs(image.astype(float) - other).max() <= levels


@pytest.mark.parametrize(
    "nothing", [[], [[]], [np.zeros((0, 2))], [[], np.zeros((0, 2))], np.zeros((0, 5, 2))]
)
@pytest.mark.parametrize("box", [True, False])
def test_nothing_drawn_is_an_empty_image(nothing, box):
    image = rasterise(nothing, box=box, canvas=280)
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert not image.any()


@pytest.mark.parametrize("width", [3, 5, 10])
def test_the_grey_is_that_of_the_exact_distance(width):
    """Whatever the strokes' order, direction and number of points; what lies outside the sheet is cut off."""
    rng = np.random.default_rng(1)
    for far in [1, 1e6] * 10:
        strokes = [rng.uniform(-100, 380, size=(points, 2)) for points in rng.integers(1, 6, size=3)]
        strokes[0][0] *= far
        image = rasterise(strokes, width=width, **SHEET)
        assert close(image, defined([stroke / 10 - 0.5 for stroke in strokes], width), levels=3)


@pytest.mark.parametrize("width", [3, 5, 10])
def test_the_longer_side_fills_the_middle_20_pixels_at_any_size_and_place_in_any_unit(width):
    room = ink.BOX + 1 - width - ink.EDGE  # for the pen's path: a pixel has ink if the ink reaches its middle
    for drawing in drawings(40):
        points = np.concatenate(drawing)
        low, high = points.min(axis=0), points.max(axis=0)
        if len(points) > 1:  # no dot
            boxed = [(stroke - (low + high) / 2) * room / (high - low).max() + 13.5 for stroke in drawing]
            image = rasterise(drawing, width=width, centre=False)
            assert close(image, defined(boxed, width), levels=3)
            top, bottom, left, right = inked(image)
            assert max(bottom - top, right - left) + 1 in (19, 20)


@pytest.mark.parametrize("width", [0.5, 1.5, 2.8, 5.0, 10.0])
def test_the_pen_is_as_wide_as_asked_for_and_a_straight_edge_fills_the_box(width):
    square = [[[0, 0], [0, 7], [7, 7], [7, 0], [0, 0]]]
    assert inked(rasterise(square, width=width, centre=False)) == (4, 23, 4, 23)
    bar = rasterise([[[0, 0], [0, 10]]], width=width)[12:16]
    assert bar.sum(axis=1) / 255 == pytest.approx(width, abs=0.2)


def test_centring_moves_the_ink_into_pixel_14_14_and_leaves_the_border_free():
    lopsided = [[[0, 0], [0, 100]], [[0, 100], [20, 98], [0, 96], [20, 94], [0, 92], [20, 90], [0, 88]]]
    centred = 0
    for drawing in [lopsided, *drawings()]:
        image, still = rasterise(drawing), rasterise(drawing, centre=False)
        top, bottom, left, right = inked(image)
        assert min(top, left) >= 1
        assert max(bottom, right) <= 26
        np.testing.assert_array_equal(ink_alone(image), ink_alone(still))  # nothing lost or wrapped around
        if min(top, left) > 1 and max(bottom, right) < 26:  # not stopped by the border
            assert np.array_equal(np.floor(np.add(centre_of_mass(image), 0.5)), (14, 14))
            centred += 1
    assert centred > 100


def test_extremes():
    for width in (0.01, 0.1):
        assert rasterise([circle()], width=width).shape == (28, 28)
    for unit in (1e-200, 1e-6, 1e9, 1e300):
        assert close(rasterise([unit * circle()]), rasterise([circle()]))
    assert close(rasterise([280 * circle() + 1e15]), rasterise([circle()]), levels=40)  # far away, but no dot
    most = np.finfo(float).max
    cross = [[[-most, -most], [most, most]], [[-most, most], [most, -most]]]
    assert np.array_equal(rasterise(cross), rasterise([[[0, 0], [1, 1]], [[0, 1], [1, 0]]]))
    assert rasterise([[[-most, 140], [most, 140]]], **SHEET).shape == (28, 28)


def test_whole_numbers_lists_and_tuples_which_are_not_changed():
    expected = rasterise([np.array([[0.0, 0.0], [3.0, 5.0]]), np.array([[7.0, 1.0]])])
    array = np.array([[0, 0], [3, 5]], np.uint8)
    for drawing in ([[[0, 0], [3, 5]], [[7, 1]]], (((0, 0), (3, 5)), ((7, 1),)), [array, np.array([[7, 1]])]):
        assert np.array_equal(rasterise(drawing), expected)
    assert array.tolist() == [[0, 0], [3, 5]]


@pytest.mark.parametrize(
    "dot",
    [[[[5, 5]]], [[[5, 5], [5, 5]]], [[[0, 0]]], [[[-1e9, 3]]], [[[5, 5]], [[5, 5]]]],
    ids=["one point", "same point twice", "origin", "far away", "two strokes"],
)
def test_a_dot_is_a_dot(dot):
    image = rasterise(dot)
    assert ink_alone(image).shape in ((3, 3), (4, 4), (5, 5))
    assert 13 <= centre_of_mass(image)[0] <= 14.5
    assert np.array_equal(image, image.T)


def test_a_crowded_scribble_takes_little_memory():
    points = np.random.default_rng(0).uniform(0, 280, size=(50_000, 2))
    for options in ({}, {"box": False, "canvas": 280, "width": 5}):
        tracemalloc.start()
        image = rasterise([points], **options)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (image[5:23, 5:23] > 200).all()
        assert peak < 50e6


def test_crowded_drawings_are_drawn_as_exactly():
    star = np.stack([circle(301)[::7], circle(301)[::7] * 0], axis=1).reshape(-1, 2)
    assert close(rasterise([star] * 30), rasterise([star]), levels=10)


NOT_FINITE = [[[0, 0]] * 7 + [[0, number]] for number in (np.nan, np.inf, -np.inf)]


@pytest.mark.parametrize(
    ("strokes", "message"),
    [
        (circle(), r"stroke 0 has the shape \(2,\).*\[stroke\]"),
        ([[1, 2, 3, 4]], "x, y pairs"),
        ([np.zeros((5, 3))], r"\(5, 3\)"),
        ([[[1, 2], [3]]], "stroke 0"),
        ([circle(), "abc"], "stroke 1"),
        (7, "list of strokes"),
        (None, "list of strokes"),
        ([None], "stroke 0"),
        *(([circle(), stroke], "stroke 1, point 7") for stroke in NOT_FINITE),
    ],
)
def test_what_is_not_strokes_is_refused(strokes, message):
    with pytest.raises(ValueError, match=message):
        rasterise(strokes)


@pytest.mark.parametrize(
    ("name", "values"),
    [("width", [0, -1, 1e-46, 0.009, 11, np.nan, np.inf]), ("canvas", [None, 0, -280, np.nan, np.inf])],
)
def test_what_is_out_of_range_is_refused(name, values):
    for value in values:
        with pytest.raises(ValueError, match=name):
            rasterise([circle()], box=False, **({"canvas": 280} | {name: value}))


def test_ink_serves_many_images_as_one():
    rng = np.random.default_rng(0)
    spots = rng.uniform(-3, 31, size=(20, 30, 2))
    radius = rng.uniform(0.5, 2.5, size=(20, 30))
    edge = rng.uniform(0.8, 2, size=20)
    images = ink.ink(spots, radius, edge)
    assert images.shape == (20, 28, 28)
    for k in range(20):
        assert np.array_equal(ink.ink(spots[k : k + 1], radius[k : k + 1], edge[k]), images[k : k + 1])


def test_centre_mass_moves_each_image_by_itself():
    images = np.zeros((5, 28, 28), np.uint8)
    images[0, 3:6, 20:24] = 200
    images[1, 14, 14] = 9
    images[2, 1:27, 1:27] = 1  # 26 pixels: no room to move
    images[3] = 7
    moved = ink.centre_mass(images)
    assert np.array_equal(moved[0, 13:16, 12:16], images[0, 3:6, 20:24])
    assert moved[0].sum() == images[0].sum()
    assert np.array_equal(moved[1:], images[1:])


@pytest.mark.parametrize("quarter_turns", range(4))
def test_ink_at_the_border_is_moved_and_leaves_no_trail(quarter_turns):
    bar = np.zeros((28, 28), np.uint8)
    bar[0:5, 8:20] = 200  # touches one border
    bar[0, 10] = 90
    image = np.rot90(bar, quarter_turns)
    (moved,) = ink.centre_mass(image[None])
    assert not np.array_equal(moved, image)
    np.testing.assert_array_equal(ink_alone(moved), ink_alone(image))


def test_samples_keep_off_the_rim_of_the_sheet():
    points = [p for seed in range(60) for digit in range(10) for p in sample_strokes(digit, seed, side=1000)]
    assert np.concatenate(points).min() >= 40
    assert np.concatenate(points).max() <= 960
    with pytest.raises(ValueError, match="0 to 9, not 10"):
        sample_strokes(10)


@pytest.mark.mnist
def test_mnist_is_centred_the_same_way(mnist):
    images = mnist.train_images[:10_000]
    unmoved = (ink.centre_mass(images) == images).all(axis=(1, 2)).mean()
    assert unmoved > 0.98  # the others have ink on the border, which rasterise avoids

"""mnistlib.pen: what the drawing pad and the bundled sample rely on."""

import itertools
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from mnistlib.pen import ink, rasterise, sample_strokes

ROOT = Path(__file__).resolve().parents[1]


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


def slow_image(points, radius, edge):
    """The definition, pixel by pixel: the distance of a pixel's middle from the path, exactly."""
    image = np.zeros((28, 28))
    for row in range(28):
        for column in range(28):
            pixel = np.array([column, row])
            nearest = min(np.hypot(*(pixel - point)) for point in points)
            for a, b in itertools.pairwise(points):
                along = np.clip((pixel - a) @ (b - a) / ((b - a) @ (b - a)), 0, 1)
                nearest = min(nearest, np.hypot(*(a + along * (b - a) - pixel)))
            image[row, column] = 255 * np.clip(0.5 - (nearest - radius) / edge, 0, 1)
    return image


def close(image, other, levels=2):
    return np.abs(image.astype(int) - other.astype(int)).max() <= levels


@pytest.mark.parametrize(
    "nothing", [[], [[]], [np.zeros((0, 2))], [[], np.zeros((0, 2))], np.zeros((0, 5, 2))]
)
@pytest.mark.parametrize("box", [True, False])
def test_nothing_drawn_is_an_empty_image(nothing, box):
    image = rasterise(nothing, box=box, canvas=280)
    assert image.shape == (28, 28)
    assert image.dtype == np.uint8
    assert not image.any()


def test_the_grey_is_that_of_the_exact_distance():
    points = np.array([[1, 2], [9, 3], [3, 8], [4, 8.5]])
    sheet = points / 10 * 280
    image = rasterise([sheet], box=False, centre=False, canvas=280, width=3)
    expected = slow_image(points / 10 * 28 - 0.5, radius=1.5, edge=ink.EDGE)
    assert close(image, expected, levels=3)


def test_longer_side_is_20_pixels():
    for drawing in drawings():
        if np.ptp(np.concatenate(drawing), axis=0).max() == 0:
            continue  # a dot
        top, bottom, left, right = inked(rasterise(drawing))
        assert max(bottom - top, right - left) + 1 in (19, 20)


@pytest.mark.parametrize("width", [0.5, 1.5, 2.8, 5.0, 10.0])
def test_the_pen_is_as_wide_as_asked_for_and_a_straight_edge_fills_the_box(width):
    square = [[[0, 0], [0, 7], [7, 7], [7, 0], [0, 0]]]
    assert inked(rasterise(square, width=width, centre=False)) == (4, 23, 4, 23)
    bar = rasterise([[[0, 0], [0, 10]]], width=width)[12:16]
    assert bar.sum(axis=1) / 255 == pytest.approx(width, abs=0.2)


def test_aspect_ratio_is_kept():
    rectangle = np.array([[0, 0], [0, 3], [1, 3], [1, 0], [0, 0]])
    top, bottom, left, right = inked(rasterise([rectangle], width=1))
    assert bottom - top + 1 == 20
    assert (bottom - top) / (right - left) == pytest.approx(3, rel=0.15)


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


def test_size_place_and_unit_do_not_matter():
    for drawing in drawings(50):
        image = rasterise(drawing, centre=False)
        for unit in (1e-200, 1e-6, 1e9, 1e300):
            assert close(rasterise([stroke * unit for stroke in drawing], centre=False), image)
        size = np.abs(np.concatenate(drawing)).max()
        assert close(rasterise([stroke + 1000 * size for stroke in drawing], centre=False), image)


def test_the_finest_pen_and_a_place_far_away():
    for width in (0.01, 0.1):
        assert rasterise([circle()], width=width).shape == (28, 28)
    assert close(rasterise([280 * circle() + 1e15]), rasterise([circle()]), levels=40)  # not a dot


def test_largest_floats():
    most = np.finfo(float).max
    cross = [[[-most, -most], [most, most]], [[-most, most], [most, -most]]]
    assert np.array_equal(rasterise(cross), rasterise([[[0, 0], [1, 1]], [[0, 1], [1, 0]]]))
    image = rasterise([[[-most, 140], [most, 140]]], box=False, centre=False, canvas=280)
    assert image.shape == (28, 28)


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


def test_strokes_are_not_joined():
    two = rasterise([[[0, 0], [0, 10]], [[10, 0], [10, 10]]], centre=False)
    one = rasterise([[[0, 0], [0, 10], [10, 0], [10, 10]]], centre=False)
    assert not two[13, 13]
    assert one[13, 13]


def test_order_and_direction_do_not_matter():
    for drawing in drawings(30):
        image = rasterise(drawing)
        assert close(rasterise(drawing[::-1]), image)
        assert close(rasterise([stroke[::-1] for stroke in drawing]), image)


def test_many_points_draw_the_same_line():
    def spiral(points):
        turn = np.linspace(0.3, 1, points)
        return turn[:, None] * np.stack([np.cos(9 * turn), np.sin(9 * turn)], axis=1)

    image = rasterise([spiral(500)])
    assert close(rasterise([spiral(10_000)]), image)
    assert close(rasterise([point[None] for point in spiral(10_000)]), image)


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


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_a_coordinate_that_is_no_number_is_refused(bad):
    stroke = circle()
    stroke[7, 1] = bad
    with pytest.raises(ValueError, match="stroke 1, point 7"):
        rasterise([circle(), stroke])


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


def test_without_box_and_centring_the_drawing_stays_where_it_was():
    small = 20 * circle() + [60, 200]  # on a sheet of 280: around pixel column 5.5, row 19.5
    image = rasterise([small], box=False, centre=False, canvas=280, width=2)
    assert centre_of_mass(image) == pytest.approx((5.5, 19.5), abs=0.1)
    assert 5 <= len(ink_alone(image)) <= 8
    middle = rasterise([small], box=False, centre=True, canvas=280, width=2)
    assert np.array_equal(np.floor(np.add(centre_of_mass(middle), 0.5)), (14, 14))
    assert middle.sum() == image.sum()


def test_outside_the_canvas_is_cut_off():
    inside = [[100, 100], [180, 180]]
    options = {"box": False, "centre": False, "canvas": 280}
    expected = rasterise([inside], **options)
    assert np.array_equal(rasterise([inside, [[-500, -500], [-600, -400]]], **options), expected)
    assert not rasterise([[[1e9, 1e9], [2e9, 1e9]]], **options).any()
    through = rasterise([[[-1e9, 140], [1e9, 140]]], **options)
    assert (through[13:15] > 0).all()
    assert not through[[*range(11), *range(17, 28)]].any()


def test_a_stroke_that_leaves_the_canvas_and_returns():
    options = {"box": False, "centre": False, "canvas": 280}
    image = rasterise([[[140, 100], [1e7, 100], [1e7, 180], [140, 180]]], **options)
    expected = rasterise([[[140, 100], [400, 100]], [[400, 180], [140, 180]]], **options)
    assert close(image, expected)


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


@pytest.mark.mnist
def test_mnist_is_centred_the_same_way(mnist):
    images = mnist.train_images[:10_000]
    unmoved = (ink.centre_mass(images) == images).all(axis=(1, 2)).mean()
    assert unmoved > 0.98  # the others have ink on the border, which rasterise avoids

import math
import threading

import numpy as np
import pytest

from mnistlib.augment import LIMITS, Distorter, distort, resample
from mnistlib.network import Network
from mnistlib.training import train

NOTHING = {"rotation": 0, "scaling": 0, "shear": 0, "shift": 0, "elastic": 0}
SIDE = 28


def only(**amounts):
    return Distorter(**NOTHING | amounts)


def draw(distorter, n=300, seed=0):
    return distorter.fields(n, np.random.default_rng(seed))


def scribbles(n=5, side=SIDE, seed=0):
    return np.random.default_rng(seed).integers(0, 256, (n, side, side)).astype(np.uint8)


def grid(side=SIDE):
    """Where every pixel is: columns and rows, (side, side) each."""
    rows, columns = np.mgrid[:side, :side]
    return columns.astype(float), rows.astype(float)


def affine_parts(x, y):
    """Fit x = a·u + b·v + c (and y likewise) to every field; u and v count from the centre.

    Returns the matrices (n, 2, 2), the shifts (n, 2) and the largest deviation from the fit.
    """
    columns, rows = grid()
    centre = (SIDE - 1) / 2
    terms = np.stack([(columns - centre).ravel(), (rows - centre).ravel(), np.ones(SIDE**2)], axis=1)
    fields = np.stack([x, y], axis=1).reshape(-1, SIDE**2).T.astype(float)
    factors = np.linalg.lstsq(terms, fields, rcond=None)[0]
    deviation = np.abs(terms @ factors - fields).max()
    factors = factors.T.reshape(len(x), 2, 3)
    return factors[:, :, :2], factors[:, :, 2] - centre, deviation


# ---- resampling, against direct loops ---------------------------------------------------------------------


def resample_slowly(image, x, y):
    """Bilinear interpolation of one image as the textbook has it, pixel by pixel; 0 outside."""
    side = len(image)

    def pixel(row, column):
        return float(image[row, column]) if 0 <= row < side and 0 <= column < side else 0.0

    result = np.zeros((side, side))
    for i in range(side):
        for j in range(side):
            left, top = math.floor(x[i, j]), math.floor(y[i, j])
            across, down = x[i, j] - left, y[i, j] - top
            result[i, j] = (
                (1 - down) * (1 - across) * pixel(top, left)
                + (1 - down) * across * pixel(top, left + 1)
                + down * (1 - across) * pixel(top + 1, left)
                + down * across * pixel(top + 1, left + 1)
            )
    return result


@pytest.mark.parametrize("options", [{}, {"shift": 20}, {"rotation": 180, "scaling": 1}, {"elastic": 10}])
def test_every_pixel_is_what_the_slow_reference_says(options):
    images = scribbles(6)
    x, y = draw(Distorter(**options), 6)
    expected = np.array(
        [
            resample_slowly(image, fx, fy)
            for image, fx, fy in zip(images, x.astype(float), y.astype(float), strict=True)
        ]
    )
    floats = resample((images / 255).astype(np.float32), x, y)
    np.testing.assert_allclose(floats, expected / 255, atol=2e-5)
    rounded = resample(images, x, y)
    assert rounded.dtype == np.uint8
    assert np.abs(rounded - expected).max() < 0.501  # to the nearest, give or take float32's own rounding


@pytest.mark.parametrize(
    ("dx", "dy"), [(0, 0), (1, 0), (0, -1), (3, 5), (-27, 27), (28, 0), (0, -28), (1e6, 0), (-1e6, -1e6)]
)
def test_whole_shifts_move_pixels_and_bring_in_zeros(dx, dy):
    image = scribbles(1)[0]
    columns, rows = grid()
    moved = resample(image[None], (columns + dx)[None], (rows + dy)[None])[0]
    for row in range(SIDE):
        for column in range(SIDE):
            inside = 0 <= row + dy < SIDE and 0 <= column + dx < SIDE
            assert moved[row, column] == (image[row + dy, column + dx] if inside else 0)


def test_half_a_pixel_is_the_mean_of_two():
    image = np.zeros((1, SIDE, SIDE), np.uint8)
    image[0, 10, 10], image[0, 10, 11] = 100, 200
    columns, rows = grid()
    moved = resample(image, (columns + 0.5)[None], rows[None])[0]
    assert moved[10, 9:12].tolist() == [50, 150, 100]
    moved = resample(image, columns[None], (rows + 0.5)[None])[0]
    assert moved[9:11, 10].tolist() == [50, 50]


def test_images_do_not_bleed_into_one_another():
    images = np.zeros((3, SIDE, SIDE), np.uint8)
    images[1] = 255
    x, y = draw(Distorter(shift=15, rotation=90), 3)
    distorted = resample(images, x, y)
    assert not distorted[0].any()
    assert distorted[1].any()
    assert not distorted[2].any()


# ---- the fields -------------------------------------------------------------------------------------------


def test_no_distortion_changes_nothing():
    x, y = draw(only(), 2)
    columns, rows = grid()
    np.testing.assert_allclose(x, [columns, columns], atol=1e-5)
    np.testing.assert_allclose(y, [rows, rows], atol=1e-5)
    images = scribbles()
    np.testing.assert_array_equal(only()(images, np.random.default_rng(0)), images)


def test_rotation_turns_about_the_centre_within_its_range():
    matrices, shifts, deviation = affine_parts(*draw(only(rotation=30)))
    assert deviation < 1e-4
    np.testing.assert_allclose(shifts, 0, atol=1e-4)
    np.testing.assert_allclose(
        matrices @ matrices.transpose(0, 2, 1), np.tile(np.eye(2), (300, 1, 1)), atol=1e-5
    )
    angles = np.degrees(np.arctan2(matrices[:, 1, 0], matrices[:, 0, 0]))
    assert np.abs(angles).max() <= 30.001
    assert angles.min() < -25
    assert angles.max() > 25


def test_scaling_stretches_each_axis_on_its_own():
    matrices, shifts, deviation = affine_parts(*draw(only(scaling=0.2)))
    assert deviation < 1e-4
    np.testing.assert_allclose(shifts, 0, atol=1e-4)
    np.testing.assert_allclose(matrices[:, [0, 1], [1, 0]], 0, atol=1e-5)
    logarithms = np.log(matrices[:, [0, 1], [0, 1]])
    assert np.abs(logarithms).max() <= 0.2001
    assert (logarithms.min(axis=0) < -0.17).all()
    assert (logarithms.max(axis=0) > 0.17).all()
    assert abs(np.corrcoef(logarithms.T)[0, 1]) < 0.2


def test_shear_slants_without_changing_the_rows():
    matrices, shifts, deviation = affine_parts(*draw(only(shear=0.3)))
    assert deviation < 1e-4
    np.testing.assert_allclose(shifts, 0, atol=1e-4)
    np.testing.assert_allclose(matrices[:, 1], np.tile([0, 1], (300, 1)), atol=1e-5)
    np.testing.assert_allclose(matrices[:, 0, 0], 1, atol=1e-5)
    slants = matrices[:, 0, 1]
    assert np.abs(slants).max() <= 0.3001
    assert slants.min() < -0.25
    assert slants.max() > 0.25


def test_shift_moves_the_whole_image():
    matrices, shifts, deviation = affine_parts(*draw(only(shift=2)))
    assert deviation < 1e-4
    np.testing.assert_allclose(matrices, np.tile(np.eye(2), (300, 1, 1)), atol=1e-5)
    assert np.abs(shifts).max() <= 2.001
    assert (shifts.min(axis=0) < -1.8).all()
    assert (shifts.max(axis=0) > 1.8).all()
    assert abs(np.corrcoef(shifts.T)[0, 1]) < 0.2


@pytest.mark.parametrize("smoothness", [2.5, 4.0, 6.0])
def test_elastic_displacements_are_simards(smoothness):
    """As large as asked, alike everywhere in the image, and as smooth as noise blurred by a Gaussian.

    White noise blurred with width σ has the correlation exp(−d²/4σ²) between places at the distance d.
    """
    columns, rows = grid()
    x, y = draw(only(elastic=1.5, smoothness=smoothness), 4_000)
    for displacement in (x - columns, y - rows):
        spread = np.sqrt((displacement**2).mean(axis=0))  # (side, side)
        assert spread.mean() == pytest.approx(1.5, rel=0.02)
        assert spread.min() > 1.1
        assert spread.max() < 1.9
        assert abs(displacement.mean()) < 0.05
        for distance in (1, 3, 6):
            for a, b in (
                (displacement[:, :, distance:], displacement[:, :, :-distance]),
                (displacement[:, distance:], displacement[:, :-distance]),
            ):
                expected = math.exp(-(distance**2) / (4 * smoothness**2))
                assert (a * b).mean() / (displacement**2).mean() == pytest.approx(expected, abs=0.06)
    assert abs(((x - columns) * (y - rows)).mean()) < 0.1
    half = only(elastic=0.75, smoothness=smoothness)
    np.testing.assert_allclose(
        draw(half, 3)[0] - columns,
        (draw(only(elastic=1.5, smoothness=smoothness), 3)[0] - columns) / 2,
        atol=1e-4,
    )


def test_every_image_gets_a_distortion_of_its_own():
    x, _ = draw(Distorter(), 300)
    assert len(np.unique(x[:, 14, 14])) == 300
    images = np.repeat(scribbles(1), 300, axis=0)
    assert len(np.unique(Distorter()(images, np.random.default_rng(0)).reshape(300, -1), axis=0)) == 300


# ---- as users call it -------------------------------------------------------------------------------------


def test_what_goes_in_stays_as_it_is_and_its_form_comes_out():
    for images in (
        scribbles(200),
        scribbles()[0],
        scribbles(3) / 255,
        (scribbles(3) / 255).astype(np.float32),
    ):
        before = images.copy()
        distorted = distort(images, seed=1)
        np.testing.assert_array_equal(images, before)
        assert distorted.shape == images.shape
        assert distorted.dtype == images.dtype
        assert not np.array_equal(distorted, images)
    assert distort(scribbles(0)).shape == (0, SIDE, SIDE)
    assert distort(scribbles(4, side=8), elastic=0.5).shape == (4, 8, 8)
    floats = (scribbles(3) / 255).astype(np.float32)
    np.testing.assert_allclose(distort(floats, seed=4), distort(scribbles(3), seed=4) / 255, atol=0.51 / 255)


def test_the_seed_fixes_the_distortions():
    images = scribbles(200)
    np.testing.assert_array_equal(distort(images, seed=1), distort(images, seed=1))
    assert not np.array_equal(distort(images, seed=1), distort(images, seed=2))
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(Distorter()(images, rng), distort(images, seed=1))
    assert not np.array_equal(Distorter()(images, rng), distort(images, seed=1))


def test_the_amount_of_ink_stays_about_the_same():
    image = np.zeros((SIDE, SIDE), np.uint8)
    image[6:22, 12:16] = 255
    distorted = distort(np.repeat(image[None], 500, axis=0))
    assert distorted.sum(axis=(1, 2)).mean() == pytest.approx(image.sum(), rel=0.05)


def test_one_distorter_serves_several_threads():
    distorter = Distorter()
    images = scribbles(300)
    expected = [distorter(images, np.random.default_rng(seed)) for seed in range(4)]
    results = [None] * 4

    def work(seed):
        results[seed] = distorter(images, np.random.default_rng(seed))

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    np.testing.assert_array_equal(results, expected)


def test_it_plugs_into_train():
    images = scribbles(60)
    labels = np.arange(60) % 3

    def weights(augment):
        network = Network((784, 8, 3))
        train(
            network,
            images,
            labels,
            epochs=2,
            batch_size=20,
            learning_rate=0.1,
            augment=augment,
            progress=False,
        )
        return network.flat

    np.testing.assert_array_equal(weights(Distorter()), weights(Distorter()))
    assert not np.allclose(weights(Distorter()), weights(None))
    np.testing.assert_array_equal(weights(only()), weights(None))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"rotation": -1}, "rotation must be from 0 to 180"),
        ({"shift": 1e40}, "shift must be from 0 to 1000"),
        ({"scaling": 1000}, "scaling must be from 0 to 2"),
        ({"smoothness": 1e300}, "smoothness must be from 0.5 to 1000"),
        ({"scaling": math.nan}, "scaling must be"),
        ({"shear": math.inf}, "shear must be"),
        ({"shift": -0.1}, "shift must be"),
        ({"elastic": -2}, "elastic must be"),
        ({"smoothness": 0}, "smoothness must be"),
        ({"side": 0}, "side must be"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Distorter(**options)


@pytest.mark.parametrize("shape", [(28, 27), (3, 784), (784,), (2, 3, 28, 28), (3, 27, 27), ()])
def test_images_of_another_shape_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(n, 28, 28\)"):
        Distorter()(np.zeros(shape), np.random.default_rng(0))


def test_images_of_another_dtype_are_refused():
    with pytest.raises(TypeError, match="int64"):
        Distorter()(np.zeros((3, 28, 28), int), np.random.default_rng(0))


def test_repr_is_short_and_fixed():
    expected = "Distorter(rotation=10, scaling=0.12, shear=0.12, shift=1.5, elastic=1.2, smoothness=4)"
    assert repr(Distorter(rotation=10)) == expected


def test_the_largest_distortions_that_are_allowed_overflow_nowhere():
    images = np.full((20, 28, 28), 255, np.uint8)
    for name, limit in LIMITS.items():
        assert distort(images, **{name: limit}).shape == images.shape  # a warning would be an error
    assert distort(images, **LIMITS).shape == images.shape

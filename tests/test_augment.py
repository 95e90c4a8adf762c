import math

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
    """Fit x = a·u + b·v + c and y = d·u + e·v + f to every field, all counted from the centre: (6, n)."""
    centre = (SIDE - 1) / 2
    u, v = (places.ravel() - centre for places in grid())
    terms = np.stack([u, v, np.ones(SIDE**2)], axis=1)
    fields = np.concatenate([x, y]).reshape(-1, SIDE**2).T - centre
    factors = np.linalg.lstsq(terms, fields, rcond=None)[0]
    np.testing.assert_allclose(terms @ factors, fields, atol=1e-4)  # nothing is left over
    return np.concatenate(np.split(factors, 2, axis=1))


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


DISTORTIONS = NOTHING, {}, {"shift": 20}, {"rotation": 180, "scaling": 1}, {"elastic": 10}


@pytest.mark.parametrize("moved", [(0, 0), (3, -5), (28, 0), (0, -28), (1e6, -1e6)])
@pytest.mark.parametrize("options", DISTORTIONS)
def test_every_pixel_is_what_the_slow_reference_says(options, moved):
    images = scribbles(6)
    x, y = (field + by for field, by in zip(draw(Distorter(**options), 6), moved, strict=True))
    places = zip(images, x.astype(float), y.astype(float), strict=True)
    expected = np.array([resample_slowly(*place) for place in places])
    floats = resample((images / 255).astype(np.float32), x, y)
    np.testing.assert_allclose(floats, expected / 255, atol=2e-5)
    rounded = resample(images, x, y)
    assert rounded.dtype == np.uint8
    assert np.abs(rounded - expected).max() < 0.501  # to the nearest, give or take float32's own rounding


# ---- the fields -------------------------------------------------------------------------------------------


def rotation(angle):
    cos, sin = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return [cos, -sin, 0, sin, cos, 0]


# name: its largest value; what was drawn, one number or two, by a to f above; a to f of that
AFFINE = {
    "rotation": (30, lambda a, b, c, d, e, f: [np.degrees(np.arctan2(d, a))], rotation),
    "scaling": (
        0.2,
        lambda a, b, c, d, e, f: [np.log(a), np.log(e)],
        lambda width, height: [np.exp(width), 0, 0, 0, np.exp(height), 0],
    ),
    "shear": (0.3, lambda a, b, c, d, e, f: [b], lambda slant: [1, slant, 0, 0, 1, 0]),
    "shift": (2, lambda a, b, c, d, e, f: [c, f], lambda right, down: [1, 0, right, 0, 1, down]),
}


@pytest.mark.parametrize("name", AFFINE)
def test_affine_parts_are_about_the_centre_and_drawn_evenly(name):
    largest, drawn, expected = AFFINE[name]
    parts = affine_parts(*draw(only(**{name: largest})))
    values = np.array(drawn(*parts))
    for part, value in zip(parts, expected(*values), strict=True):
        np.testing.assert_allclose(part - value, 0, atol=1e-5)
    assert np.abs(values).max() <= 1.001 * largest
    assert (values.min(axis=1) < -0.83 * largest).all()
    assert (values.max(axis=1) > 0.83 * largest).all()
    assert len(np.unique(values)) == values.size  # every image has its own
    if len(values) == 2:
        assert abs(np.corrcoef(values)[0, 1]) < 0.2


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


# ---- as users call it -------------------------------------------------------------------------------------


def test_what_goes_in_stays_as_it_is_and_its_form_comes_out():
    floats = (scribbles(3) / 255).astype(np.float32)
    for images in (scribbles(200), scribbles()[0], scribbles(3) / 255, floats):
        before = images.copy()
        distorted = distort(images, seed=1)
        np.testing.assert_array_equal(images, before)
        assert distorted.shape == images.shape
        assert distorted.dtype == images.dtype
        assert not np.array_equal(distorted, images)
    assert distort(scribbles(0)).shape == (0, SIDE, SIDE)
    assert distort(scribbles(4, side=8), elastic=0.5).shape == (4, 8, 8)
    np.testing.assert_allclose(distort(floats, seed=4), distort(scribbles(3), seed=4) / 255, atol=0.51 / 255)


def test_the_seed_fixes_the_distortions_and_repr_names_their_amounts():
    expected = "Distorter(rotation=10, scaling=0.12, shear=0.12, shift=1.5, elastic=1.2, smoothness=4)"
    assert repr(Distorter(rotation=10)) == expected
    images = scribbles(200)
    np.testing.assert_array_equal(distort(images, seed=1), distort(images, seed=1))
    assert not np.array_equal(distort(images, seed=1), distort(images, seed=2))
    rng = np.random.default_rng(1)
    np.testing.assert_array_equal(Distorter()(images, rng), distort(images, seed=1))
    assert not np.array_equal(Distorter()(images, rng), distort(images, seed=1))


def test_it_plugs_into_train():
    images = scribbles(60)
    labels = np.arange(60) % 3

    def weights(augment):
        network = Network((784, 8, 3))
        how = {"epochs": 2, "batch_size": 20, "learning_rate": 0.1, "augment": augment, "progress": False}
        train(network, images, labels, **how)
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
        ({"elastic": math.nan}, "elastic must be"),
        ({"shear": math.inf}, "shear must be"),
        ({"smoothness": 0}, "smoothness must be"),
        ({"side": 0}, "side must be"),
    ],
)
def test_options_that_make_no_sense_are_refused(options, message):
    with pytest.raises(ValueError, match=message):
        Distorter(**options)


@pytest.mark.parametrize("shape", [(28, 27), (3, 784), (784,), (2, 3, 28, 28), (3, 27, 27), ()])
def test_images_of_another_shape_or_dtype_are_refused(shape):
    with pytest.raises(ValueError, match=r"expected \(n, 28, 28\)"):
        Distorter()(np.zeros(shape), np.random.default_rng(0))
    with pytest.raises(TypeError, match="int64"):
        Distorter()(np.zeros((3, 28, 28), int), np.random.default_rng(0))


def test_the_largest_distortions_that_are_allowed_overflow_nowhere():
    images = np.full((20, 28, 28), 255, np.uint8)
    for name, limit in LIMITS.items():
        assert distort(images, **{name: limit}).shape == images.shape  # a warning would be an error
    assert distort(images, **LIMITS).shape == images.shape

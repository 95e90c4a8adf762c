"""Distorting images of digits: a new handwriting for every image, every time it is trained on.

Built in notebook 08.

A digit that is turned, slanted, stretched, shifted or wobbly is still the same digit. Training on such
variants makes more difference than the choice of network (Simard, Steinkraus and Platt 2003, "Best practices
for convolutional neural networks applied to visual document analysis"). Their two kinds, both at once:

* affine: rotation, scaling, shear and shift;
* elastic: every pixel moves by a small random amount that hardly differs from its neighbour's.

It works backwards. For every pixel of the new image, a field says from which place in the old one its
brightness is taken, and since that place lies between four pixels, the four are blended ("bilinear
interpolation"). Working forwards, from old pixels to new places, would leave holes.
"""

import math

import numpy as np
from numpy.typing import ArrayLike

# Images are worked on in blocks of this many: the arrays of one block stay in the processor's cache.
BLOCK = 128

# More is no digit any more, and far more than that overflows.
LIMITS = {"rotation": 180, "scaling": 2, "shear": 10, "shift": 1000, "elastic": 1000, "smoothness": 1000}


class Distorter:
    """Random affine and elastic distortion of square images: a function for ``train(augment=...)``.

    Parameters (each 0 switches that distortion off)
    ----------
    rotation : largest angle, in degrees, to either side
    scaling : largest change of width and of height, each on its own, as a fraction
    shear : largest slant, in pixels per pixel
    shift : largest shift, in pixels, along each axis
    elastic : root mean square of the elastic displacement along each axis, in pixels
    smoothness : how far the elastic displacement of one place reaches, in pixels; the σ of Simard et al.
    side : height and width of the images, in pixels

    The angle, the slant, the shifts and the logarithms of the scales are drawn evenly from their ranges, anew
    for every image. Raises ValueError for values that make no sense or lie above ``LIMITS``.
    """

    def __init__(
        self,
        *,
        rotation: float = 12.0,
        scaling: float = 0.12,
        shear: float = 0.12,
        shift: float = 1.5,
        elastic: float = 1.2,
        smoothness: float = 4.0,
        side: int = 28,
    ):
        amounts = (rotation, scaling, shear, shift, elastic, smoothness)
        self.amounts = dict(zip(LIMITS, amounts, strict=True))
        for name, value in self.amounts.items():
            least = 0.5 if name == "smoothness" else 0
            if not least <= value <= LIMITS[name]:
                raise ValueError(f"{name} must be from {least} to {LIMITS[name]}, not {value!r}")
        if side < 1:
            raise ValueError(f"side must be 1 pixel or more, not {side!r}")
        self.side = side
        self.basis = _basis(side, elastic, smoothness)

    def __repr__(self) -> str:
        return f"Distorter({', '.join(f'{name}={value:g}' for name, value in self.amounts.items())})"

    def __call__(self, images: ArrayLike, rng: np.random.Generator) -> np.ndarray:
        """Return distorted images, an array of the same shape, (n, side, side) or (side, side), and dtype.

        images: uint8, or floats of any scale; 0 is what lies outside the image. rng: a numpy Generator.
        """
        images = np.asarray(images)
        if images.ndim not in (2, 3) or images.shape[-2:] != (self.side, self.side):
            expected = f"(n, {self.side}, {self.side}) or ({self.side}, {self.side})"
            raise ValueError(f"images have shape {images.shape}, expected {expected}")
        if images.dtype != np.uint8 and images.dtype.kind != "f":
            raise TypeError(f"images have dtype {images.dtype}, expected uint8 or floats")
        batch = images.reshape(-1, self.side, self.side)
        distorted = np.empty_like(batch)
        for start in range(0, len(batch), BLOCK):
            block = batch[start : start + BLOCK]
            x, y = self.fields(len(block), rng)
            distorted[start : start + BLOCK] = resample(block, x, y)
        return distorted.reshape(images.shape)

    def fields(self, n: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw n distortions: from where each pixel of the new images takes its brightness.

        Returns x and y, each (n, side, side) float32: the column and the row in the old image, in pixels,
        with 0 at the centre of the first one.
        """

        def draw(name):
            return rng.uniform(-self.amounts[name], self.amounts[name], n)

        angle, width, height = np.radians(draw("rotation")), np.exp(draw("scaling")), np.exp(draw("scaling"))
        slant = draw("shear")

        def field(of_x, of_y):
            # One row of coefficients per image: the heights of the bumps, then the factors of x, of y and of
            # 1. Times the basis, they give the fields of all images: (n, bumps + 3) @ (bumps + 3, side²).
            factors = rng.standard_normal((n, len(self.basis)), dtype=np.float32)
            factors[:, -3], factors[:, -2] = of_x, of_y
            factors[:, -1] = (self.side - 1) / 2 + draw("shift")
            return (factors @ self.basis).reshape(n, self.side, self.side)

        x = field(np.cos(angle) * width, -np.sin(angle) * height + slant)
        y = field(np.sin(angle) * width, np.cos(angle) * height)
        return x, y


def distort(images: ArrayLike, seed: int = 0, **options: float) -> np.ndarray:
    """Return images distorted by a ``Distorter`` with these options; the same seed, the same distortions.

    images: (n, 28, 28) or (28, 28), uint8 or floats; the result has the same shape and dtype.
    """
    side = (np.shape(images) or (28,))[-1]
    return Distorter(side=side, **options)(images, np.random.default_rng(seed))


def _basis(side, elastic, smoothness):
    """The patterns whose sums are the fields: (bumps + 3, side²) float32.

    Simard et al. draw a random number for every pixel and blur the result with a Gaussian of width σ. A
    blurred point is a bump, so that is a sum of bumps with random heights. Bumps so wide overlap: fewer of
    them, set on a grid somewhat closer than σ·√2, do as well, and a sum of 49 is a fast matrix product.
    The last three patterns are x, y (from the image's centre) and 1: the affine part.
    """
    centres = np.arange(side) - (side - 1) / 2
    reach = side / 2 + 0.25 * smoothness
    knots = np.linspace(-reach, reach, 1 + math.ceil(2 * reach / (1.25 * smoothness)))
    profile = np.exp(-((centres[:, None] - knots) ** 2) / (2 * smoothness**2))  # (side, knots)
    bumps = np.einsum("ij,kl->jlik", profile, profile).reshape(-1, side * side)
    bumps *= elastic / np.sqrt((bumps**2).sum(axis=0)).mean()  # displacements of ``elastic`` pixels
    y, x = np.repeat(centres, side), np.tile(centres, side)
    return np.vstack([bumps, x, y, np.ones(side * side)]).astype(np.float32)


def resample(images: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return new images whose pixels are taken from the places (x, y) of the old ones, with blending.

    images: (n, side, side) uint8 or floats. x, y: (n, side, side) floats, columns and rows as ``fields``
    returns them. Outside an image everything is 0. The result has the images' shape and dtype; uint8 is
    rounded to the nearest.
    """
    n, side, _ = images.shape
    # A margin of zeros, so that the neighbours of places outside can be looked up like any others. Places
    # further outside are moved into the margin: there, all is zero as well.
    wide = side + 3
    padded = np.zeros((n, wide, wide), np.float32)
    padded[:, 1:-2, 1:-2] = images
    x = np.clip(x, -1, side, dtype=np.float32)
    y = np.clip(y, -1, side, dtype=np.float32)
    left, top = np.floor(x), np.floor(y)
    x -= left  # how far it is from the pixel on the left to the one on the right, 0..1
    y -= top

    # Where the pixel to the top left of each place stands in the padded images, as one long row of numbers:
    # image · wide² + (top + 1) · wide + (left + 1).
    top *= wide
    top += left
    place = top.astype(np.intp)
    place += (np.arange(n) * wide * wide + wide + 1)[:, None, None]
    # Its three neighbours stand 1, wide and wide + 1 numbers further on.
    pixels = padded.ravel()
    top_left, top_right, bottom_left, bottom_right = (
        np.take(pixels[further:], place, mode="clip") for further in (0, 1, wide, wide + 1)
    )

    # Blend along x, top_left + x · (top_right − top_left), likewise below, then along y. Written into the
    # arrays that are there already, which takes half the time of making new ones.
    for start, end in ((top_left, top_right), (bottom_left, bottom_right)):
        end -= start
        end *= x
        start += end
    bottom_left -= top_left
    bottom_left *= y
    top_left += bottom_left
    if images.dtype == np.uint8:
        top_left += 0.5  # the conversion cuts off the fraction; this makes it round
    return top_left.astype(images.dtype)

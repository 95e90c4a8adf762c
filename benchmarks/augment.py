"""How many images a second are distorted: mnistlib.augment beside scipy, image by image, on one core.

    python benchmarks/augment.py

Both make an affine and an elastic distortion at once. scipy's way is the one found in most published code,
and in Simard's paper: random displacements for every pixel, blurred by ``gaussian_filter``, then
``map_coordinates`` with linear interpolation. The contestants take turns; each figure is the median of its
turns. scipy is an extra of the benchmark (``pip install -e '.[benchmark]'``); without it, it is left out.
"""

import sys

import numpy as np
from common import in_fresh_process, interleaved, print_load

from mnistlib.augment import Distorter
from mnistlib.datasets import load_data

REPEATS = 7
IMAGES, SCIPY_IMAGES = 20_000, 1_000


def main():
    if "--child" not in sys.argv:
        in_fresh_process("--child")
        return
    images = load_data().train_images
    print_load()
    some, few = images[:IMAGES], images[:SCIPY_IMAGES]
    contestants = {
        "mnistlib, batches of 100": ours(some, 100),
        "mnistlib, all at once": ours(some, len(some)),
    }
    numbers = dict.fromkeys(contestants, len(some))
    try:
        contestants["scipy, image by image"] = with_scipy(few)
        numbers["scipy, image by image"] = len(few)
    except ImportError:
        print("scipy is not installed: left out")
    rates = {name: numbers[name] / each for name, each in interleaved(contestants, REPEATS).items()}
    for name, rate in rates.items():
        print(f"  {name:32}{rate:10,.0f} images a second{rate / min(rates.values()):8.1f} ×")


def ours(images, batch):
    distorter, rng = Distorter(), np.random.default_rng(0)

    def contestant():
        for start in range(0, len(images), batch):
            distorter(images[start : start + batch], rng)

    return contestant


def with_scipy(images):
    from scipy.ndimage import gaussian_filter, map_coordinates

    rotation, scaling, shear, shift, elastic, smoothness = Distorter().amounts.values()
    rng, side = np.random.default_rng(0), images.shape[1]
    centred = np.mgrid[:side, :side].astype(np.float32) - (side - 1) / 2
    # White noise of variance 1, blurred by a Gaussian in two dimensions, keeps a spread of 1 / (2 √π σ)
    alpha = elastic * 2 * np.sqrt(np.pi) * smoothness

    def distort(image):
        angle = np.radians(rng.uniform(-rotation, rotation))
        height, width = np.exp(rng.uniform(-scaling, scaling, 2))
        slant = rng.uniform(-shear, shear)
        cos, sin = np.cos(angle), np.sin(angle)
        matrix = np.array([[cos * height, sin * width], [-sin * height + slant, cos * width]])
        places = np.tensordot(matrix, centred, axes=1) + (side - 1) / 2
        places += rng.uniform(-shift, shift, (2, 1, 1))
        for axis in range(2):
            noise = rng.standard_normal((side, side), dtype=np.float32)
            places[axis] += alpha * gaussian_filter(noise, smoothness, mode="wrap")
        return map_coordinates(image, places, order=1, mode="constant")

    return lambda: [distort(image) for image in images]


if __name__ == "__main__":
    main()

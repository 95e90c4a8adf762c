"""How many images a second are distorted: mnistlib.augment beside scipy, image by image, on one core.

    python benchmarks/augment.py

Both make an affine and an elastic distortion at once. scipy's way is the one found in most published code,
and in Simard's paper: random displacements for every pixel, blurred by ``gaussian_filter``, then
``map_coordinates`` with linear interpolation. The contestants take turns; each figure is the median of its
turns. scipy is an extra of the benchmark (``pip install -e '.[benchmark]'``); without it, it is left out.
"""

import os
import statistics
import subprocess
import sys
import time

KERNEL_SETTINGS = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")
ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
REPEATS = 7
IMAGES, SCIPY_IMAGES = 20_000, 1_000


def main():
    if "--child" not in sys.argv:  # numpy reads its settings when it is imported, so it is, in a new process
        environment = {name: value for name, value in os.environ.items() if name not in KERNEL_SETTINGS}
        subprocess.run([sys.executable, __file__, "--child"], env=environment | ONE_THREAD, check=True)
        return

    from mnistlib.datasets import load_data

    images = load_data().train_images
    print(f"load average before: {os.getloadavg()[0]:.2f}")
    contestants = {
        "mnistlib, batches of 100": ours(images[:IMAGES], 100),
        f"mnistlib, all {min(IMAGES, len(images)):,} at once": ours(images[:IMAGES], IMAGES),
    }
    try:
        contestants["scipy, image by image"] = with_scipy(images[:SCIPY_IMAGES])
    except ImportError:
        print("scipy is not installed: left out")

    rates = {name: [] for name in contestants}
    for contestant in contestants.values():
        contestant()  # warm up
    for _ in range(REPEATS):
        for name, contestant in contestants.items():
            rates[name].append(contestant())
    medians = {name: statistics.median(values) for name, values in rates.items()}
    slowest = min(medians.values())
    for name, rate in medians.items():
        print(f"  {name:32}{rate:10,.0f} images a second{rate / slowest:8.1f} ×")


def ours(images, batch):
    import numpy as np

    from mnistlib.augment import Distorter

    distorter = Distorter()
    rng = np.random.default_rng(0)

    def contestant():
        begin = time.perf_counter()
        for start in range(0, len(images), batch):
            distorter(images[start : start + batch], rng)
        return len(images) / (time.perf_counter() - begin)

    return contestant


def with_scipy(images, rotation=12.0, scaling=0.12, shear=0.12, shift=1.5, elastic=1.2, smoothness=4.0):
    import numpy as np
    from scipy.ndimage import gaussian_filter, map_coordinates

    rng = np.random.default_rng(0)
    side = images.shape[1]
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

    def contestant():
        begin = time.perf_counter()
        for image in images:
            distort(image)
        return len(images) / (time.perf_counter() - begin)

    return contestant


if __name__ == "__main__":
    main()

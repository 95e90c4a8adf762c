"""Write the bundled sample, data/sample, again: the same digits each time. Or draw a picture of them.

python scripts/sample.py                        # writes data/sample
python scripts/sample.py --picture sheet.png    # a picture of some of its digits
python scripts/sample.py --skeletons sheet.png  # a picture of the paths that they follow
"""

import argparse
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from matplotlib.image import imsave

from mnistlib.idx import write_idx
from mnistlib.pen import SIDE, synthetic, synthetic_digits
from mnistlib.pen.skeletons import WAYS, parse

FOLDER = Path(__file__).resolve().parents[1] / "data" / "sample"
PARTS = {"train": (10_000, 1), "t10k": (2_000, 2)}  # name in MNIST's files: number of digits, seed


def write_sample(folder=FOLDER):
    """Write the bundled sample: four IDX files with MNIST's names, into a folder that is made if need be."""
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, (n, seed) in PARTS.items():
        images, labels = synthetic_digits(n, seed)
        write_idx(folder / f"{name}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{name}-labels-idx1-ubyte.gz", labels)


def contact_sheet(images, labels, columns=20):
    """The first `columns` images of each class, a class in each row, as one (280, 28 · columns) image."""
    sheet = np.zeros((10, columns, SIDE, SIDE), np.uint8)
    for digit in range(10):
        found = images[labels == digit][:columns]
        sheet[digit, : len(found)] = found
    return sheet.swapaxes(1, 2).reshape(10 * SIDE, columns * SIDE)


def skeleton_sheet(path):
    """Draw all skeletons as curves into a PNG file: a row for each digit, a dot where each stroke begins."""
    rows = [[skeleton for way in ways for skeleton in way.skeletons] for ways in WAYS.values()]
    columns = max(map(len, rows))
    figure = Figure(figsize=(0.5 * columns, 0.62 * len(rows)), layout="constrained")
    for axes in figure.subplots(len(rows), columns).flat:
        axes.set(xlim=(-0.1, 1.05), ylim=(1.05, -0.05), aspect="equal")
        axes.axis("off")
    for row, skeletons in enumerate(rows):
        for column, skeleton in enumerate(skeletons):
            strokes = parse(skeleton)
            points, matrix = synthetic.curve(strokes)
            axes = figure.axes[row * columns + column]
            for stroke in np.split(matrix @ points, np.cumsum(synthetic.SPOTS_OF_STROKES[len(strokes)])[:-1]):
                axes.plot(*stroke.T, color="black", linewidth=1.5)
                axes.plot(*stroke[0], "o", color="tab:orange", markersize=3)
    figure.savefig(path, dpi=72)


def main(arguments=None):
    parser = argparse.ArgumentParser(description="Write data/sample, or a picture.")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where to (default: data/sample)")
    parser.add_argument("--picture", type=Path, help="write this PNG of 200 digits instead")
    parser.add_argument("--skeletons", type=Path, help="write this PNG of all skeletons instead")
    options = parser.parse_args(arguments)
    if options.skeletons:
        skeleton_sheet(options.skeletons)
    elif options.picture:
        imsave(options.picture, contact_sheet(*synthetic_digits(1_000, seed=1)), cmap="gray")
    else:
        write_sample(options.folder)
    print(f"wrote {options.skeletons or options.picture or options.folder}")


if __name__ == "__main__":
    main()

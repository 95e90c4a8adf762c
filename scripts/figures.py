"""Figures about the notebooks, as a table in markdown: how long, how wordy, how much to do.

usage: python scripts/figures.py            from the stored notebooks
       python scripts/figures.py --run      also the seconds that each takes to run (on the data that is here)

Cells of code are counted without the one for Google Colab. Minutes to read: 200 words of prose a minute, and
two seconds for each line of code; exercises are not in it.
"""

import os
import re
import statistics
import sys
import time

import nbformat
from common import environment, notebook_paths, real_mnist_folder
from nbclient import NotebookClient

WORDS_A_MINUTE, SECONDS_A_LINE = 200, 2
HEAD = (
    "notebook",
    "code cells",
    "median lines",
    "longest",
    "words a cell",
    "exercises",
    "figures",
    "minutes",
)


def figures(path):
    """The table's row for one notebook, as a list of texts."""
    cells = nbformat.read(path, 4).cells
    code = [cell for cell in cells if cell.cell_type == "code" and cell.id != "colab"]
    lines = [len(cell.source.splitlines()) for cell in code] or [0]
    prose = " ".join(cell.source for cell in cells if cell.cell_type == "markdown")
    words = len(re.sub(r"```.*?```|\$\$?.*?\$\$?|<[^>]+>", " ", prose, flags=re.DOTALL).split())
    exercises = sum("check." in cell.source and "..." in cell.source for cell in code)
    pictures = sum("image/png" in output.get("data", {}) for cell in code for output in cell.outputs)
    minutes = words / WORDS_A_MINUTE + sum(lines) * SECONDS_A_LINE / 60
    numbers = (
        len(code), f"{statistics.median(lines):g}", max(lines), round(words / max(1, len(code))),
        exercises, pictures, round(minutes),
    )  # fmt: skip
    return [path.stem, *map(str, numbers)]


def seconds_to_run(path):
    start = time.perf_counter()
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(nbformat.read(path, 4), timeout=600, resources=resources).execute()
    return time.perf_counter() - start


def main(arguments):
    run = "--run" in arguments
    os.environ.update(environment(real_mnist_folder()))
    head = [*HEAD, "seconds to run"] if run else HEAD
    print("| " + " | ".join(head) + " |")
    print("|---" * len(head) + "|")
    for path in notebook_paths():
        row = figures(path)
        if run:
            row.append(f"{seconds_to_run(path):.0f}")
        print("| " + " | ".join(row) + " |", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

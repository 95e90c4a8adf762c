"""How much memory each notebook's kernel takes at its peak: what a class must have for one learner.

    python benchmarks/memory.py                 all notebooks; needs MNIST (MNIST_DATA_DIR or data/mnist)
    python benchmarks/memory.py 05 06           only these
    python benchmarks/memory.py --twice         run all cells, and then all again in the same kernel

Each notebook runs in a fresh kernel, which tells its own resident memory's high-water mark (VmHWM of
/proc/self/status, so this needs Linux). The browser's and JupyterLab's memory come on top, once each and not
for every notebook. Asked for: less than 600 MB each, and the program fails if one needs more.
"""

import argparse
import os
import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

from mnistlib.datasets import data_files, find_data

NOTEBOOKS = Path(__file__).resolve().parents[1] / "notebooks"
AT_MOST = 600  # MB, of 1,000,000 bytes

ASK = r"""
import re
print(int(re.search(r"VmHWM:\s+(\d+) kB", open("/proc/self/status").read())[1]) * 1024)
"""


def peak(path, rounds):
    """The most memory, in MB, that a notebook's kernel had at any time while its cells ran `rounds` times."""
    notebook = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code"] * rounds
    notebook.cells.append(nbformat.v4.new_code_cell(ASK))
    NotebookClient(notebook, timeout=900, resources={"metadata": {"path": str(path.parent)}}).execute()
    return int(notebook.cells[-1].outputs[0].text) / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("notebooks", nargs="*", help="their numbers, such as 05 (default: all)")
    parser.add_argument("--twice", action="store_true", help="run all cells a second time in the same kernel")
    options = parser.parse_args()
    if not Path("/proc/self/status").exists():
        sys.exit("benchmarks/memory.py needs Linux")
    print(find_data("mnist")[1])
    os.environ["MNIST_DATA_DIR"] = str(data_files()["train_images"].parent.resolve())

    too_much = []
    print(f"{'notebook':32} {'peak':>8}   time")
    for path in sorted(NOTEBOOKS.glob("*.ipynb")):
        if options.notebooks and path.name[:2] not in options.notebooks:
            continue
        start = time.perf_counter()
        found = peak(path, rounds=2 if options.twice else 1)
        print(f"{path.stem:32} {found:5.0f} MB   {time.perf_counter() - start:.0f} s", flush=True)
        if found >= AT_MOST:
            too_much.append(path.stem)
    if too_much:
        sys.exit(f"{AT_MOST} MB or more: {', '.join(too_much)}")


if __name__ == "__main__":
    main()

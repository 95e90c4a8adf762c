"""Run notebooks on the real MNIST and save them with their outputs: what `make notebooks` does.

usage: python scripts/save_notebooks.py [01 02 …]      (default: all)

Each runs from top to bottom in a fresh kernel with one BLAS thread, and is saved only if it ran without an
error. Then its metadata is normalised, so that a diff shows changes of content only, and the cells whose text
output changed are named.
"""

import os
import sys

import nbformat
from common import environment, notebook_paths
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from mnistlib.datasets import find_data
from mnistlib.plumbing.files import atomic_write

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
PREDICT = "**Predict first.**"
FOLDED = {"collapsed": True, "jupyter": {"outputs_hidden": True}, "tags": ["hide-output"]}


def texts(cell):
    """The text outputs of a cell, without its pictures."""
    outputs = cell.get("outputs", [])
    return [output.get("text") or output.get("data", {}).get("text/plain", "") for output in outputs]


def fold_answers(cells):
    """Fold the stored output of the cell that answers a "Predict first", and of no other.

    That is the first code cell below the question that has an output. JupyterLab and Notebook show it as "…",
    and open it as soon as the cell is run; the website folds it by its tag.
    """
    asked = False
    for cell in cells:
        if cell.cell_type == "markdown":
            asked = asked or PREDICT in cell.source
        elif asked and cell.get("outputs"):
            cell.metadata, asked = FOLDED, False
        elif cell.metadata == FOLDED:
            cell.metadata = {}


def save(path):
    """Run one notebook and replace it by the result; returns the numbers of the cells with another output."""
    notebook = nbformat.read(path, 4)
    before = [texts(cell) for cell in notebook.cells]
    options = {"timeout": 600, "coalesce_streams": True, "record_timing": False}
    NotebookClient(notebook, resources={"metadata": {"path": str(path.parent)}}, **options).execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran in JupyterLab
    fold_answers(notebook.cells)
    with atomic_write(path) as file:
        file.write(nbformat.writes(notebook).encode() + b"\n")
    return [n for n, cell in enumerate(notebook.cells, 1) if texts(cell) != before[n - 1]]


def main(wanted):
    os.environ.update(environment(os.environ.get("MNIST_DATA_DIR")))
    print(find_data("mnist")[1])  # an error that says what to do where MNIST is not here
    failed = False
    for path in notebook_paths(wanted):
        try:
            changed = save(path)
        except CellExecutionError as error:
            failed = True
            print(f"{path.name}: NOT saved\n{error}")
            continue
        print(f"{path.name}: saved; changed outputs in cells {changed or 'none'}")
    sys.exit(failed)


if __name__ == "__main__":
    main(sys.argv[1:])

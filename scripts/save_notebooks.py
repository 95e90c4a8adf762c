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

METADATA = {
    "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


def texts(cell):
    """The text outputs of a cell, without its pictures."""
    found = []
    for output in cell.get("outputs", []):
        found.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return found


def join_streams(outputs):
    """Outputs in which text that was printed in several pieces is one piece, as it looks on the page."""
    joined = []
    for output in outputs:
        last = joined[-1] if joined else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last.text += output.text
        else:
            joined.append(output)
    return joined


def save(path):
    """Run one notebook and replace it by the result; returns the numbers of the cells with another output."""
    notebook = nbformat.read(path, 4)
    before = [texts(cell) for cell in notebook.cells]
    NotebookClient(notebook, timeout=600, resources={"metadata": {"path": str(path.parent)}}).execute()
    notebook.metadata = METADATA
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = join_streams(cell.outputs)
    temporary = path.with_suffix(".tmp")
    nbformat.write(notebook, temporary)
    os.replace(temporary, path)
    return [
        n for n, (cell, old) in enumerate(zip(notebook.cells, before, strict=True), 1) if texts(cell) != old
    ]


def main(wanted):
    os.environ.update(environment(os.environ.get("MNIST_DATA_DIR")))
    from mnistlib.datasets import find_data

    digits, line = find_data("mnist")  # an error that says what to do where MNIST is not here
    print(line)
    del digits
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

"""Learners run cells again. So every code cell is executed twice before the next: nothing may change.

Each notebook runs on the bundled sample, once plainly and once with every cell doubled, in fresh kernels.
"""

import common
import nbformat
import pytest
from course import PAGES, ROOT, sanitised
from nbclient import NotebookClient

pytestmark = pytest.mark.rerun

WITH_CODE = [path for path in PAGES if any(cell.cell_type == "code" for cell in nbformat.read(path, 4).cells)]


def words(cell):
    """All that a cell's outputs say in words."""
    found = [output.get("text") or output.get("data", {}).get("text/plain", "") for output in cell.outputs]
    return sanitised("".join(found))


def run(path, times):
    """The text below every code cell, when each cell is executed so many times before the next."""
    notebook = nbformat.read(path, 4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    notebook.cells = [
        nbformat.v4.new_code_cell(cell.source, id=f"{cell.id}-{n}") for cell in cells for n in range(times)
    ]
    resources = {"metadata": {"path": str(path.parent)}}
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources=resources).execute()
    return [words(cell) for cell in notebook.cells]


@pytest.mark.parametrize("path", WITH_CODE, ids=lambda path: path.name)
def test_every_cell_twice_gives_the_same_as_once(path, monkeypatch):
    for name, value in common.environment(ROOT / "data" / "sample", threads=1).items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)  # the kernel has its own
    once, doubled = run(path, 1), run(path, 2)
    assert "".join(once)
    assert doubled[0::2] == once, "a cell that is run twice changes what the next ones show"
    assert doubled[1::2] == once, "a cell shows something else when it is run again"

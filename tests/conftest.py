"""What several test files share."""

import os

import pytest

os.environ.setdefault("MPLBACKEND", "agg")  # pictures are drawn, no window opens


@pytest.fixture(scope="session")
def run_cells():
    """Function of some cells, as sources: what Jupyter would store below each, run in a fresh kernel."""
    import nbformat
    from nbclient import NotebookClient

    def run(*sources):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("MPLBACKEND", raising=False)  # the kernel has its own
            NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
        return [cell.outputs for cell in notebook.cells]

    return run

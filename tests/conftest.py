"""What several test files share."""

import os
import signal
import threading

import pytest
from common import real_mnist_folder

os.environ.setdefault("MPLBACKEND", "agg")  # pictures are drawn, no window opens


@pytest.fixture(scope="session")
def mnist_folder():
    """Where the real digits are, or None if they are not on this machine: a test downloads nothing."""
    return real_mnist_folder()


@pytest.fixture(scope="session")
def mnist(mnist_folder):
    """The real digits."""
    from mnistlib.datasets import read_folder

    if not mnist_folder:
        pytest.skip("needs the real MNIST files in data/mnist or in MNIST_DATA_DIR")
    digits = read_folder(mnist_folder)
    assert digits.name == "MNIST"
    return digits


@pytest.fixture
def ctrl_c():
    """Ctrl-C raises KeyboardInterrupt, here and in new processes, also if pytest was told to ignore it.

    A shell tells so to what it starts in the background, and nohup to everything.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture
def no_thread_left():
    """Work in the background ends with its test."""
    before = set(threading.enumerate())
    yield
    assert set(threading.enumerate()) <= before


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """A folder with 600 easy digits: ten patterns of noise, each seen through more noise."""
    import numpy as np

    from mnistlib.idx import write_idx

    folder = tmp_path_factory.mktemp("digits")
    rng = np.random.default_rng(5)
    patterns = rng.integers(0, 200, (10, 28, 28))
    for part, count in (("train", 600), ("t10k", 100)):
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        images = patterns[labels] + rng.integers(0, 56, (count, 28, 28))
        write_idx(folder / f"{part}-images-idx3-ubyte.gz", images.astype(np.uint8))
        write_idx(folder / f"{part}-labels-idx1-ubyte.gz", labels)
    return folder


@pytest.fixture(scope="session")
def digits():
    """260 digits of the program's own, images and labels."""
    from mnistlib import synthetic_digits

    return synthetic_digits(260, seed=3)


@pytest.fixture
def network():
    """A small network that has learned nothing."""
    from mnistlib import Network

    return Network((784, 10, 10), seed=4)


@pytest.fixture(scope="session")
def run_cells():
    """Function of some cells, as sources: what Jupyter would store below each, run in a fresh kernel."""
    import nbformat
    from nbclient import NotebookClient

    def run(*sources):
        notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources])
        with pytest.MonkeyPatch.context() as patch:
            patch.delenv("MPLBACKEND", raising=False)  # the kernel has its own
            NotebookClient(notebook, timeout=600, startup_timeout=600, kernel_name="python3").execute()
        return [cell.outputs for cell in notebook.cells]

    return run

"""What the scripts share: where things are, and what notebooks are run with."""

import os
import shutil
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LONG = ("06", "07", "08", "10")  # the notebooks that train for minutes
MNIST_FILE = "train-images-idx3-ubyte"
NO_SOURCE = shutil.ignore_patterns(
    ".git", ".venv", ".*cache*", ".hypothesis", "__pycache__", "build", "mnist", "mine"
)


def copy_project(folder):
    """Copy the project to a new folder, without what was made from it or is a learner's own."""
    shutil.copytree(ROOT, folder, ignore=NO_SOURCE)


def real_mnist_folder():
    """The folder of the real MNIST on this machine, or None. Nothing is downloaded for a test."""
    for folder in (os.environ.get("MNIST_DATA_DIR"), ROOT / "data" / "mnist"):
        if folder and any(Path(folder).glob(f"{MNIST_FILE}*")):
            return Path(folder).resolve()
    return None


def warnings_as_errors():
    """The value of PYTHONWARNINGS with which our own warnings are errors, in notebooks' kernels as well.

    That is every numerical warning, and every warning of any category (deprecations of numpy above all) that
    is laid at the door of a cell or of mnistlib. Those that other packages cause among themselves pass.
    PYTHONWARNINGS knows no patterns, so that the modules are named one by one; a cell's is `__main__`.
    """
    paths = sorted(path.relative_to(ROOT).with_suffix("") for path in (ROOT / "mnistlib").rglob("*.py"))
    modules = ["__main__", *(".".join(path.parts).removesuffix(".__init__") for path in paths)]
    return ",".join(["error::RuntimeWarning", *(f"error:::{module}" for module in modules)])


def environment(mnist_folder, threads=1):
    """The environment in which tests and notebooks run: this data folder, so many BLAS threads a kernel."""
    env = dict(os.environ, OPENBLAS_NUM_THREADS=str(threads), OMP_NUM_THREADS=str(threads))
    env["PYTHONWARNINGS"] = warnings_as_errors()
    env.pop("MNIST_DATA_DIR", None)
    return env | ({"MNIST_DATA_DIR": str(mnist_folder)} if mnist_folder else {})


def notebook_paths(wanted=()):
    """The notebooks' paths; of those that are wanted ("01", "07") or of all."""
    paths = sorted((ROOT / "notebooks").glob("*.ipynb"))
    unknown = [name for name in wanted if not any(path.name.startswith(name) for path in paths)]
    if unknown:
        raise SystemExit(f"no notebook begins with {', '.join(unknown)}: see notebooks/")
    return [path for path in paths if path.name.startswith(tuple(wanted) or "")]

"""What `make test` runs: the unit tests, then every notebook.

The notebooks run twice where the real MNIST is on this machine (in `MNIST_DATA_DIR` or in `data/mnist`):

* lax, on the bundled sample: every cell must run without an error. Works on any machine, without a network.
* strict, on MNIST: every output must be the stored one, but for timings (see tests/nbval_sanitize.cfg).

usage: python scripts/test.py [--strict | --lax | --unit]      (default: all that this machine can do)
"""

import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "data" / "sample"
CELL_TIMEOUT = 300  # seconds; the slowest cell takes about 30 on two cores
WORKERS = "2"
MNIST_FILE = "train-images-idx3-ubyte"


def real_mnist_folder():
    """The folder of the real MNIST on this machine, or None. Nothing is downloaded for a test."""
    for folder in (os.environ.get("MNIST_DATA_DIR"), ROOT / "data" / "mnist"):
        if folder and any(Path(folder).glob(f"{MNIST_FILE}*")):
            return Path(folder).resolve()
    return None


def environment(mnist_folder):
    """The tests' environment: the data folder, one BLAS thread a kernel (two kernels run side by side)."""
    env = dict(os.environ, OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    env["PYTHONWARNINGS"] = "error::RuntimeWarning"  # in the notebooks' kernels, too
    env.pop("MNIST_DATA_DIR", None)
    if mnist_folder:
        env["MNIST_DATA_DIR"] = str(mnist_folder)
    return env


def pytest(title, arguments, mnist_folder):
    """Run pytest with a headline before it; True if it passed."""
    print(f"\n=== {title} ===", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    passed = subprocess.run(command, cwd=ROOT, env=environment(mnist_folder), check=False).returncode == 0
    verdict = "passed" if passed else "FAILED"
    print(f"=== {title}: {verdict}, {time.perf_counter() - start:.0f} s ===", flush=True)
    return passed


def notebooks(title, arguments, mnist_folder):
    """Run every notebook through nbval, two at a time."""
    options = [f"--nbval-cell-timeout={CELL_TIMEOUT}", "-n", WORKERS, "--dist", "loadscope"]
    return pytest(title, [*arguments, *options, "notebooks"], mnist_folder)


def main(arguments):
    mnist_folder = real_mnist_folder()
    wanted = arguments[0].removeprefix("--") if arguments else "all"
    results = []
    if wanted in ("all", "unit"):
        results.append(pytest("unit tests", ["-n", WORKERS, "tests", "--ignore=tests/browser"], mnist_folder))
    if wanted in ("all", "lax"):
        results.append(notebooks("notebooks on the bundled sample (lax)", ["--nbval-lax"], SAMPLE))
    if wanted == "strict" and mnist_folder is None:
        sys.exit("--strict needs the real MNIST: set MNIST_DATA_DIR to the folder of its four files.")
    if wanted in ("all", "strict") and mnist_folder:
        strict = ["--nbval", "--nbval-sanitize-with", "tests/nbval_sanitize.cfg"]
        results.append(notebooks("notebooks on MNIST (strict)", strict, mnist_folder))
    elif wanted == "all":
        print("\nThe strict comparison was left out: the real MNIST is not here (see data/README.md).")
    sys.exit(not all(results))


if __name__ == "__main__":
    main(sys.argv[1:])

"""What `make test` runs: the unit tests, then every notebook.

The notebooks run twice where the real MNIST is on this machine (in `MNIST_DATA_DIR` or in `data/mnist`):

* lax, on the bundled sample: every cell must run without an error. Works on any machine, without a network.
* strict, on MNIST: every output must be the stored one, but for timings (see tests/nbval_sanitize.cfg).

Warnings that our own code causes are errors: in the unit tests by pyproject.toml, in the notebooks by
common.warnings_as_errors.

usage: python scripts/test.py [--unit | --lax | --strict] [--threads N] [--workers N] [01 02 …]
"""

import argparse
import subprocess
import sys
import time

from common import ROOT, environment, notebook_paths, real_mnist_folder

SAMPLE = ROOT / "data" / "sample"
CELL_TIMEOUT = 300  # seconds; the slowest cell takes about 30 on two cores


def pytest(title, arguments, env):
    """Run pytest with a headline before it; True if it passed."""
    print(f"\n=== {title} ===", flush=True)
    start = time.perf_counter()
    command = [sys.executable, "-m", "pytest", "-q", *arguments]
    passed = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0
    verdict = "passed" if passed else "FAILED"
    print(f"=== {title}: {verdict}, {time.perf_counter() - start:.0f} s ===", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description="Run the unit tests and the notebooks.")
    for kind, meaning in (
        ("unit", "only the unit tests"),
        ("lax", "only the notebooks on the bundled sample"),
        ("strict", "only the notebooks on the real MNIST, outputs compared"),
    ):
        parser.add_argument(f"--{kind}", dest="wanted", action="store_const", const=kind, help=meaning)
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads of each process (default 1)")
    parser.add_argument("--workers", type=int, default=2, help="notebooks at the same time (default 2)")
    parser.add_argument("notebooks", nargs="*", help="only these notebooks: 01 07")
    options = parser.parse_args()
    wanted, mnist_folder = options.wanted or "all", real_mnist_folder()
    if wanted == "strict" and mnist_folder is None:
        sys.exit("--strict needs the real MNIST: set MNIST_DATA_DIR to the folder of its four files.")

    side_by_side = ["-n", str(options.workers), "--dist", "loadscope"]
    notebooks = [*side_by_side, f"--nbval-cell-timeout={CELL_TIMEOUT}", *notebook_paths(options.notebooks)]
    results = []
    if wanted in ("all", "unit"):
        unit = ["-n", str(options.workers), "-m", "not rerun", "tests", "--ignore=tests/browser"]
        results.append(pytest("unit tests", unit, environment(mnist_folder, options.threads)))
    if wanted in ("all", "lax"):
        title = "notebooks on the bundled sample (lax)"
        results.append(pytest(title, ["--nbval-lax", *notebooks], environment(SAMPLE, options.threads)))
    if wanted in ("all", "strict") and mnist_folder:
        strict = ["--nbval", "--nbval-sanitize-with", "tests/nbval_sanitize.cfg", *notebooks]
        title = "notebooks on MNIST (strict)"
        results.append(pytest(title, strict, environment(mnist_folder, options.threads)))
    elif wanted == "all":
        print("\nThe strict comparison was left out: the real MNIST is not here (see data/README.md).")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()

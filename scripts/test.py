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

from common import LONG, ROOT, environment, notebook_paths, real_mnist_folder

RUNS = {  # title, and what pytest gets
    "unit": ("unit tests", ["-m", "not rerun", "tests", "--ignore=tests/browser"]),
    "lax": ("notebooks on the bundled sample (lax)", ["--nbval-lax"]),
    "strict": (
        "notebooks on MNIST (strict)",
        ["--nbval", "--nbval-sanitize-with", "tests/nbval_sanitize.cfg"],
    ),
}
CELL_TIMEOUT = 300  # seconds; the slowest cell takes about 30 on two cores


def run(kind, mnist_folder, notebooks, options):
    """Run pytest with a headline before it; True if it passed."""
    title, arguments = RUNS[kind]
    if kind != "unit":
        in_order = ["--dist", "loadscope", "--no-loadscope-reorder"]
        arguments = [*arguments, *in_order, f"--nbval-cell-timeout={CELL_TIMEOUT}", *notebooks]
    folder = ROOT / "data" / "sample" if kind == "lax" else mnist_folder
    command = [sys.executable, "-m", "pytest", "-q", "-n", str(options.workers), *arguments]
    print(f"\n=== {title} ===", flush=True)
    start, env = time.perf_counter(), environment(folder, options.threads)
    passed = subprocess.run(command, cwd=ROOT, env=env, check=False).returncode == 0
    verdict = "passed" if passed else "FAILED"
    print(f"=== {title}: {verdict}, {time.perf_counter() - start:.0f} s ===", flush=True)
    return passed


def main():
    parser = argparse.ArgumentParser(description="Run the unit tests and the notebooks.")
    for kind, (title, _) in RUNS.items():
        only = {"action": "store_const", "const": [kind], "dest": "wanted"}
        parser.add_argument(f"--{kind}", **only, help=f"only the {title}")
    parser.add_argument("--threads", type=int, default=1, help="BLAS threads of each process (default 1)")
    parser.add_argument("--workers", type=int, default=2, help="notebooks at the same time (default 2)")
    parser.add_argument("notebooks", nargs="*", help="only these notebooks: 01 07")
    options = parser.parse_args()
    # The long ones begin first, so that in the end no worker waits long for another
    notebooks = sorted(notebook_paths(options.notebooks), key=lambda path: not path.name.startswith(LONG))
    wanted, mnist_folder = options.wanted or list(RUNS), real_mnist_folder()
    if wanted == ["strict"] and mnist_folder is None:
        sys.exit("--strict needs the real MNIST: set MNIST_DATA_DIR to the folder of its four files.")
    possible = [kind for kind in wanted if kind != "strict" or mnist_folder]
    results = [run(kind, mnist_folder, notebooks, options) for kind in possible]
    if possible != wanted:
        print("\nThe strict comparison was left out: the real MNIST is not here (see data/README.md).")
    sys.exit(not all(results))


if __name__ == "__main__":
    main()

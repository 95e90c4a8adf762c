"""Two years from now: run all tests with the oldest supported and with the newest published packages.

usage: python scripts/dependencies.py [oldest | newest …] [--python PYTHON] [--keep FOLDER] [-- --lax 01 …]

Makes a new virtual environment in a temporary folder for each of the two, leaving .venv alone, and runs in
it what `make test` runs, and the tests with Dask and with Binder's code. *Oldest* takes every package that
pyproject.toml names at its lower bound; what these need in their turn is as new as they allow. *Newest*
takes what pip finds, without constraints.txt. What stands behind "--" goes to scripts/test.py. Needs the
package index, and about a quarter of an hour.
"""

import argparse
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from common import ROOT, environment, real_mnist_folder
from packaging.requirements import Requirement

# All but PyTorch and the like, with which only the benchmarks compare
EXTRAS = ("test", "browser", "dask", "binder", "site")


def requirements(project):
    """The packages that the course and its tests name themselves: a list of Requirement.

    project: the table of that name in pyproject.toml.
    """
    lines = project["dependencies"] + [
        line for name in EXTRAS for line in project["optional-dependencies"][name]
    ]
    return [Requirement(line) for line in lines]


def oldest(project):
    """The lines of a constraints file that holds each of these packages at its lower bound."""
    lines = []
    for requirement in requirements(project):
        (bound,) = [part.version for part in requirement.specifier if part.operator == ">="]
        lines.append(f"{requirement.name}=={bound}")
    return lines


def run(*command, **options):
    """Run a command, which is shown before; True if it succeeded."""
    print("$", *command, flush=True)
    return subprocess.run([str(part) for part in command], cwd=ROOT, check=False, **options).returncode == 0


def try_out(kind, folder, base_python, project, arguments):
    """Make the environment in a folder and run the tests in it. Returns whether all is well."""
    python = folder / "bin" / "python"
    constraints = folder / "constraints.txt"
    if not run(base_python, "-m", "venv", folder):
        return False
    constraints.write_text("\n".join(oldest(project) if kind == "oldest" else []) + "\n", encoding="utf-8")
    course = f".[{','.join(EXTRAS)}]"
    install = [python, "-m", "pip", "install", "--quiet", "--upgrade", "--constraint", constraints]
    if not run(*install, "--editable", course):
        return False
    names = [requirement.name for requirement in requirements(project)]
    versions = "import importlib.metadata as m, sys; print(*(f'{n}={m.version(n)}' for n in sys.argv[1:]))"
    run(python, "-c", versions, *names)
    tests = run(python, "scripts/test.py", *arguments)
    marked = ["-m", "pytest", "-q", "-m", "dask or binder", "tests", "--ignore=tests/browser"]
    if arguments:
        return tests
    return run(python, *marked, env=environment(real_mnist_folder())) and tests


def main():
    parser = argparse.ArgumentParser(description="All tests with the oldest and the newest packages.")
    parser.add_argument("kinds", nargs="*", help="oldest, newest (default: both)")
    parser.add_argument("--python", default=sys.executable, help="the Python to make the environments with")
    parser.add_argument("--keep", type=Path, help="a folder in which the environments stay")
    arguments = [*sys.argv[1:], "--"]
    place = arguments.index("--")
    own, passed_on = arguments[:place], arguments[place + 1 : -1]
    options = parser.parse_args(own)
    kinds = options.kinds or ["oldest", "newest"]
    if unknown := set(kinds) - {"oldest", "newest"}:
        parser.error(f"{', '.join(unknown)}: neither oldest nor newest")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    results = {}
    with tempfile.TemporaryDirectory(prefix="dependencies-") as temporary:
        for kind in kinds:
            folder = (options.keep or Path(temporary)).absolute() / kind
            results[kind] = try_out(kind, folder, options.python, project, passed_on)
    for kind, passed in results.items():
        print(f"{kind} packages: {'passed' if passed else 'FAILED'}")
    sys.exit(not all(results.values()))


if __name__ == "__main__":
    main()

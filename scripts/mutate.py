"""Test the tests: put one classic fault after another into a copy of mnistlib; the tests must notice each.

For each fault, the tests that faults.toml names beside it run. Prints which test caught which fault; the exit
status is 1 if one survives: then a test is missing, or its name there. Takes five to ten minutes on one
processor, needs no MNIST, and never writes into the checkout. (It needs POSIX: Linux, macOS or WSL.)

The method is known as mutation testing (DeMillo, Lipton and Sayward 1978, "Hints on test data selection: Help
for the practicing programmer"). Tools for it make thousands of small changes by themselves; here are only the
faults that people make who write a network for the first time, and a few that would harm a learner's files.
"""

import argparse
import contextlib
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import tomllib
from pathlib import Path
from typing import NamedTuple

from common import ROOT, copy_project

LONGEST = 300  # seconds for the tests of a fault; one that makes these hang counts as noticed


class Fault(NamedTuple):
    """A change of one place in one file: an entry of faults.toml, which says what the fields are."""

    name: str
    file: str
    old: str
    new: str
    tests: str


DATA = (ROOT / "scripts" / "faults.toml").read_text(encoding="utf-8")
FAULTS = [Fault(**entry) for entry in tomllib.loads(DATA)["fault"]]


def mutated(fault, source):
    """The source with the fault in it. Raises ValueError unless the place to change is there exactly once."""
    found = source.count(fault.old)
    if found != 1:
        raise ValueError(
            f"{fault.name!r}: mnistlib/{fault.file} has {found} places like {fault.old!r}, expected 1. "
            f"The code has changed: write the fault anew in scripts/faults.toml"
        )
    return source.replace(fault.old, fault.new)


def test_files(fault):
    """The paths, from the project's root, of the tests that ought to notice."""
    return [f"tests/{name}.py" for name in fault.tests.split()]


def run_tests(project, tests, longest=None):
    """Run tests of the project in this folder, up to the first that fails.

    Returns "" if all pass, or what failed, or that there was no end after ``longest`` seconds (LONGEST).
    Raises RuntimeError if pytest could not even begin: a fault that cannot be imported proves nothing about
    the tests.
    """
    env = dict(os.environ, PYTHONPATH=str(project), OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    env["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # they take longer to import than most tests to run
    env["PYTHONDONTWRITEBYTECODE"] = "1"  # a file that changes within a second might be taken for the old one
    env.pop("MNIST_DATA_DIR", None)
    command = [sys.executable, "-m", "pytest", "-x", "-q", "--tb=no", "-rfE", "-p", "no:cacheprovider"]
    command += ["-m", "not browser and not mnist and not rerun", *tests]
    longest = longest or LONGEST
    # A file and not a pipe: a child that outlived a hanging test would keep the pipe open. A group of its
    # own: so that what hangs goes with its children.
    with tempfile.TemporaryFile("w+", encoding="utf-8") as page:
        process = subprocess.Popen(
            command, cwd=project, env=env, stdout=page, stderr=subprocess.STDOUT, start_new_session=True
        )
        try:
            status = process.wait(longest)
        except subprocess.TimeoutExpired:
            return f"no end after {longest} s"
        finally:
            with contextlib.suppress(ProcessLookupError):  # there is nobody left, as a rule
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        page.seek(0)
        said = page.read()
    if status == 0:
        return ""
    failed = re.search(r"^(?:FAILED|ERROR) tests/(\S+::\w+)", said, re.MULTILINE)
    if status != 1 or not failed:
        raise RuntimeError(f"pytest did not run:\n{said[-2000:]}")
    return failed[1]


def caught_by(project, fault):
    """Which test notices the fault in the project, "" if none does; the project is afterwards as before."""
    path = project / "mnistlib" / fault.file
    original = path.read_text(encoding="utf-8")
    path.write_text(mutated(fault, original), encoding="utf-8")
    try:
        return run_tests(project, test_files(fault))
    finally:
        path.write_text(original, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("words", nargs="*", help="only the faults whose file or name contains one of these")
    parser.add_argument("--list", action="store_true", help="only list them")
    options = parser.parse_args()
    faults = [f for f in FAULTS if any(word in f"{f.file} {f.name}" for word in options.words or [""])]
    if not faults:
        parser.error("no fault has that in its file or its name; --list shows them")
    if options.list:
        print("\n".join(f"{fault.file:14} {fault.name}" for fault in faults))
        return
    if hasattr(os, "nice"):
        os.nice(10)  # it takes minutes: everything else goes first
    survivors, begin = 0, time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="mnistlib-mutations-") as folder:
        project = Path(folder) / "project"
        copy_project(project)
        tests = sorted({path for fault in faults for path in test_files(fault)})
        if failed := run_tests(project, tests, 5 * LONGEST):
            sys.exit(f"Without any fault, {failed} fails already: mend that first.")
        print(f"{len(faults)} faults; without them, all is well in {', '.join(tests)}.\n", flush=True)
        for fault in faults:
            start = time.perf_counter()
            caught = caught_by(project, fault)
            survivors += not caught
            seconds = time.perf_counter() - start
            print(f"{fault.file:13} {fault.name}\n{seconds:10.1f} s {caught or 'NOT NOTICED'}", flush=True)
    print(f"\n{len(faults) - survivors} of {len(faults)} faults noticed, {time.perf_counter() - begin:.0f} s")
    sys.exit(survivors > 0)


if __name__ == "__main__":
    main()

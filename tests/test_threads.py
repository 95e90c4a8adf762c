"""numpy uses one thread after `import mnistlib`, unless somebody has asked for more."""

import contextlib
import os
import subprocess
import sys
import threading

import pytest
import threadpoolctl

from mnistlib.plumbing.threads import THREAD_VARIABLES, available_cpus, one_thread, one_thread_unless_asked

more_than_one_cpu = pytest.mark.skipif(available_cpus() < 2, reason="with one processor, there is one thread")


def threads_now():
    return max(library["num_threads"] for library in threadpoolctl.threadpool_info())


def threads_after(code, environment=()):
    """How many BLAS threads a fresh process has after some code; environment: on top of ours."""
    program = f"{code}\nimport threadpoolctl\n" + (
        "print(max(library['num_threads'] for library in threadpoolctl.threadpool_info()))"
    )
    ours = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**ours, **dict(environment)}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return int(done.stdout)


# ---- what `import mnistlib` sets


@more_than_one_cpu
@pytest.mark.parametrize("code", ["import mnistlib", "import numpy, mnistlib"])
def test_one_thread_whatever_was_imported_first(code):
    assert threads_after("import numpy") > 1
    assert threads_after(code) == 1


@more_than_one_cpu
@pytest.mark.parametrize("name", ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
def test_threads_stay_as_the_environment_says(name):
    assert threads_after("import mnistlib", {name: "2"}) == 2


@more_than_one_cpu
def test_threads_that_are_asked_for_in_a_cell_stay():
    asked = "import mnistlib, threadpoolctl; threadpoolctl.threadpool_limits(2); "
    again = "from mnistlib import Network; import mnistlib; Network((4, 3)).predict([0.0] * 4)"
    assert threads_after(asked + again) == 2


@pytest.mark.parametrize(
    ("cpus", "asked", "left"), [(8, 3, 3), (8, 8, 1), (8, 9, 1), (96, 64, 1), (96, 8, 8)]
)
def test_a_number_that_is_not_where_a_library_starts_was_asked_for(cpus, asked, left, monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("mnistlib.plumbing.threads.available_cpus", lambda: cpus)
    with threadpoolctl.threadpool_limits(asked):
        one_thread_unless_asked()
        assert threads_now() == left


def test_available_cpus_follow_the_affinity():
    if not hasattr(os, "sched_setaffinity"):
        pytest.skip("needs a system that knows of affinity")
    before = os.sched_getaffinity(0)
    assert available_cpus() == len(before)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert available_cpus() == 1
    finally:
        os.sched_setaffinity(0, before)


# ---- one thread for a while


def test_one_thread_for_a_while_even_if_others_leave_earlier():
    with threadpoolctl.threadpool_limits(2):
        entered, leave = threading.Event(), threading.Event()

        def stay():
            with one_thread:
                entered.set()
                leave.wait(60)

        other = threading.Thread(target=stay)
        other.start()
        assert entered.wait(60)
        with one_thread:
            leave.set()
            other.join()
            assert threads_now() == 1
        assert threads_now() == 2


def test_one_thread_from_any_thread_of_the_program_and_until_an_error():
    """Also when another thread set the number before, which makes threadpoolctl ignore all others."""
    inside = []

    def enter():
        with contextlib.suppress(ZeroDivisionError), one_thread:
            inside.append(threads_now())
            raise ZeroDivisionError

    with threadpoolctl.threadpool_limits(2):
        enter()
        other = threading.Thread(target=enter)
        other.start()
        other.join()
        assert inside == [1, 1]
        assert threads_now() == 2

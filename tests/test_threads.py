"""numpy uses one thread after `import mnistlib`, unless somebody has asked for more."""

import contextlib
import os
import subprocess
import sys
import threading

import pytest
import threadpoolctl

from mnistlib.plumbing.threads import THREAD_VARIABLES, available_cpus, one_thread, one_thread_unless_asked


def threads_now():
    return max(library["num_threads"] for library in threadpoolctl.threadpool_info())


# ---- what `import mnistlib` sets


ASKED = "import mnistlib, threadpoolctl; threadpoolctl.threadpool_limits(2); "
AGAIN = "from mnistlib import Network; import mnistlib; Network((4, 3)).predict([0.0] * 4)"


@pytest.mark.skipif(available_cpus() < 2, reason="with one processor, there is one thread")
@pytest.mark.parametrize(
    ("code", "environment", "threads"),
    [
        ("import numpy", {}, range(2, 1000)),
        ("import mnistlib", {}, [1]),
        ("import numpy, mnistlib", {}, [1]),
        ("import mnistlib", {"OPENBLAS_NUM_THREADS": "2"}, [2]),
        ("import mnistlib", {"OMP_NUM_THREADS": "2"}, [2]),
        (ASKED + AGAIN, {}, [2]),
    ],
)
def test_one_thread_whatever_was_imported_first_unless_more_are_asked_for(code, environment, threads):
    show = "import threadpoolctl; print(max(each['num_threads'] for each in threadpoolctl.threadpool_info()))"
    ours = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{show}"],
        env={**ours, **environment}, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert int(done.stdout) in threads


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


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that knows of affinity")
def test_available_cpus_follow_the_affinity():
    before = os.sched_getaffinity(0)
    assert available_cpus() == len(before)
    os.sched_setaffinity(0, {min(before)})
    try:
        assert available_cpus() == 1
    finally:
        os.sched_setaffinity(0, before)


# ---- one thread for a while


def test_one_thread_for_a_while_even_if_others_leave_earlier_and_by_an_error():
    """Also when another thread set the number before, which makes threadpoolctl ignore all others."""
    with threadpoolctl.threadpool_limits(2):
        entered, leave, inside = threading.Event(), threading.Event(), []

        def stay():
            with contextlib.suppress(ZeroDivisionError), one_thread:
                inside.append(threads_now())
                entered.set()
                leave.wait(60)
                raise ZeroDivisionError

        other = threading.Thread(target=stay)
        other.start()
        assert entered.wait(60)
        with one_thread:
            leave.set()
            other.join()
            assert [*inside, threads_now()] == [1, 1]
        assert threads_now() == 2

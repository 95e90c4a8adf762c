"""numpy's threads follow the limits that a container or an administrator sets."""

import math
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
import threadpoolctl

from mnistlib.plumbing.threads import (
    THREAD_VARIABLES,
    available_cpus,
    cpu_quota,
    follow_cpu_limit,
    one_thread,
)

CPUS = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
V2 = "0::{}\n"
V1 = "9:name=systemd:/\n4:memory:/elsewhere\n3:cpuset:/elsewhere\n2:cpu,cpuacct:{}\n"


@pytest.fixture
def system(tmp_path):
    """Function that writes control groups' files, {path: content}, and returns the folder to call root."""

    def write(groups, files=()):
        for path, content in {"proc/self/cgroup": groups, **dict(files)}.items():
            file = tmp_path / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        return tmp_path

    return write


# ---- what the control groups say


@pytest.mark.parametrize(
    ("content", "quota"),
    [("100000 100000\n", 1), ("150000 100000\n", 1.5), ("20000 50000\n", 0.4), ("max 100000\n", math.inf)],
)
def test_version_2_as_a_container_sees_it(system, content, quota):
    assert cpu_quota(system(V2.format("/"), {"sys/fs/cgroup/cpu.max": content})) == quota


@pytest.mark.parametrize(("content", "quota"), [("200000\n", 2), ("50000\n", 0.5), ("-1\n", math.inf)])
def test_version_1_as_a_container_sees_it(system, content, quota):
    # The list names the folder that the computer around the container has; inside, it does not exist
    files = {
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": content,
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
    }
    assert cpu_quota(system(V1.format("/docker/0123abc"), files)) == quota


def test_the_smallest_limit_of_all_groups_around_counts(system):
    files = {
        "sys/fs/cgroup/cpu.max": "800000 100000",
        "sys/fs/cgroup/user.slice/cpu.max": "300000 100000",
        "sys/fs/cgroup/user.slice/jupyter-ada.service/cpu.max": "max 100000",
        "sys/fs/cgroup/user.slice/another.service/cpu.max": "100000 100000",
    }
    assert cpu_quota(system(V2.format("/user.slice/jupyter-ada.service"), files)) == 3


def test_a_group_outside_the_container_is_passed_over(system):
    files = {"sys/fs/cgroup/cpu.max": "200000 100000", "sys/cpu.max": "100000 100000"}
    assert cpu_quota(system(V2.format("/../.."), files)) == 2


@pytest.mark.parametrize("content", ["", "max", "0 0", "100000 0", "a b", "1 2 3"])
def test_files_that_say_nothing_sensible_set_no_limit(system, content):
    assert cpu_quota(system(V2.format("/"), {"sys/fs/cgroup/cpu.max": content})) == math.inf


def test_systems_without_control_groups_set_no_limit(tmp_path):
    assert cpu_quota(tmp_path) == math.inf
    assert available_cpus(tmp_path) == CPUS


@pytest.mark.parametrize(("quota", "cpus"), [(0.4, 1), (1, 1), (1.9, 1), (CPUS, CPUS), (CPUS + 5, CPUS)])
def test_available_cpus_are_whole_and_at_least_one(system, quota, cpus):
    content = f"{int(quota * 100_000)} 100000"
    assert available_cpus(system(V2.format("/"), {"sys/fs/cgroup/cpu.max": content})) == cpus


# ---- what numpy does


def threads_after(code, environment=(), before=()):
    """How many BLAS threads a fresh process has after some code; environment: on top of ours."""
    program = f"{code}\nimport threadpoolctl\n" + (
        "print(max(library['num_threads'] for library in threadpoolctl.threadpool_info()))"
    )
    ours = {name: value for name, value in os.environ.items() if name not in THREAD_VARIABLES}
    command = [*before, sys.executable, "-c", program]
    done = subprocess.run(
        command, env={**ours, **dict(environment)}, capture_output=True, text=True, timeout=60, check=True
    )
    return int(done.stdout)


more_than_one_cpu = pytest.mark.skipif(
    available_cpus() < 2, reason="with one processor, there is nothing to lower"
)
FOLLOW = "from mnistlib.plumbing.threads import follow_cpu_limit; follow_cpu_limit({!r})"


@pytest.fixture
def one_cpu(system):
    """The root of a container that may use one processor."""
    return str(system(V2.format("/"), {"sys/fs/cgroup/cpu.max": "100000 100000"}))


@more_than_one_cpu
def test_numpy_has_as_many_threads_as_processors_when_there_is_no_limit(tmp_path):
    assert threads_after("import numpy") > 1
    assert threads_after("import numpy\n" + FOLLOW.format(str(tmp_path))) > 1


@pytest.mark.parametrize("first", ["import numpy", "import mnistlib", ""])
def test_threads_follow_the_limit_whatever_was_imported_first(first, one_cpu):
    assert threads_after(f"{first}\nimport mnistlib\n" + FOLLOW.format(one_cpu)) == 1


@more_than_one_cpu
@pytest.mark.parametrize("name", ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"])
def test_threads_stay_as_the_user_set_them(name, one_cpu):
    assert threads_after("import numpy\n" + FOLLOW.format(one_cpu), {name: "2"}) == 2


def test_threads_are_never_raised(system):
    root = str(system(V2.format("/"), {"sys/fs/cgroup/cpu.max": "400000 100000"}))
    eight = "import os; os.cpu_count = lambda: 8; os.sched_getaffinity = lambda _: range(8)\n"
    for threads, left in ((1, 1), (2, 2), (6, 4)):
        code = f"{eight}import numpy, threadpoolctl; threadpoolctl.threadpool_limits({threads})\n"
        assert threads_after(code + FOLLOW.format(root)) == left


@more_than_one_cpu
@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="needs a system that knows of affinity")
@pytest.mark.parametrize("when", ["before", "after numpy"])
def test_import_follows_real_affinity(when):
    """As `taskset` sets it before a process starts, or as the process itself narrows it later."""
    narrow = f"import os; os.sched_setaffinity(0, {{{min(os.sched_getaffinity(0))}}})\n"
    lines = (narrow, "import numpy\n") if when == "before" else ("import numpy\n", narrow)
    assert threads_after("".join(lines) + "import mnistlib") == 1


@pytest.fixture
def real_group():
    """A real control group that may use one processor: the path of the list of its processes."""
    for folder, file, content in (
        ("/sys/fs/cgroup/cpu", "cpu.cfs_quota_us", "100000"),
        ("/sys/fs/cgroup", "cpu.max", "100000 100000"),
    ):
        group = Path(folder) / f"mnistlib-test-{os.getpid()}"
        try:
            group.mkdir()
        except OSError:
            continue
        try:
            (group / file).write_text(content)
        except OSError:
            group.rmdir()
            continue
        yield group / "cgroup.procs"
        group.rmdir()
        return
    pytest.skip("only an administrator may make control groups, on Linux")


@more_than_one_cpu
def test_import_follows_a_real_control_group(real_group):
    join = f"import os; open({str(real_group)!r}, 'w').write(str(os.getpid()))\n"
    assert threads_after(join + "import numpy") > 1  # OpenBLAS does not look there
    assert threads_after(join + "import mnistlib") == 1
    assert threads_after("import numpy\n" + join + "import mnistlib") == 1


@pytest.mark.skipif(available_cpus() < (os.cpu_count() or 1), reason="there is a limit here")
def test_import_is_not_slowed_down_without_a_limit():
    """threadpoolctl is not even imported where there is nothing to lower."""
    command = [sys.executable, "-c", "import sys, mnistlib; print('threadpoolctl' in sys.modules)"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout == "False\n"


# ---- one thread for a while


def threads_now():
    return max(library["num_threads"] for library in threadpoolctl.threadpool_info())


@more_than_one_cpu
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


@more_than_one_cpu
def test_one_thread_from_any_thread_of_the_program():
    """Also when another thread set the number before, which makes threadpoolctl ignore all others."""
    inside = []

    def enter():
        with one_thread:
            inside.append(threads_now())

    with threadpoolctl.threadpool_limits(2):
        enter()
        for _ in range(2):
            other = threading.Thread(target=enter)
            other.start()
            other.join()
        assert inside == [1, 1, 1]
        assert threads_now() == 2


def test_one_thread_ends_with_an_error_too():
    with threadpoolctl.threadpool_limits(2):
        before = threads_now()
        with pytest.raises(ZeroDivisionError), one_thread:
            1 / 0  # noqa: B018
        assert threads_now() == before


def test_following_twice_changes_nothing(one_cpu, monkeypatch):
    for name in THREAD_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    with threadpoolctl.threadpool_limits(None):
        follow_cpu_limit(one_cpu)
        follow_cpu_limit(one_cpu)
        assert threads_now() == 1

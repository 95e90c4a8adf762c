"""How many processors we may use, and as many threads for numpy.

numpy hands its matrix products to a BLAS library, mostly OpenBLAS, which starts a thread for each processor
that it sees. In a container, on a JupyterHub say, that is often wrong: the computer has 32 processors, and
this learner may use two of them. The limit is kept by the system's *control groups* (cgroups): so many
microseconds of processor time in each period. OpenBLAS does not look there. Its 32 threads then use up the
share of two processors at once, mostly by waiting for one another, and all stand still until the period ends.

So `import mnistlib` looks there, and lowers numpy's number of threads if need be. It never raises it, and
leaves it alone where you set it yourself, by one of the variables in THREAD_VARIABLES.

The files are described in the Linux kernel's documentation: "Control Group v2", section CPU, and for
version 1 "CFS Bandwidth Control".
"""

import math
import os
import threading
from pathlib import Path

# What the libraries behind numpy read, when numpy is imported, to know how many threads they may use
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def available_cpus(root="/"):
    """How many processors this process may use: an int, at least 1.

    The smallest of three: how many there are; on how many of them the process may run (its affinity, which
    `taskset` sets); and the limit of its control groups, rounded down, since two threads that wait for one
    another get less done on one and a half processors than one thread. root: where proc and sys are.
    """
    # Not all systems know of affinity
    cpus = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.floor(min(cpus, cpu_quota(root))))


def cpu_quota(root="/"):
    """How much time the control groups allow, in processors, such as 1.5; infinity if there is no limit.

    A group lies within others, and each can set a limit: the smallest counts. Within a container the list of
    groups may name folders that only the computer around it has. They are passed over; the outermost group
    that the container sees is then its own.
    """
    root = Path(root)
    quota = math.inf
    for line in _read(root / "proc/self/cgroup").splitlines():  # such as 0::/user.slice/jupyter.service
        _, controllers, path = line.split(":", 2)
        if controllers == "":  # version 2
            top, limit_of = root / "sys/fs/cgroup", _limit_v2
        elif "cpu" in controllers.split(","):  # version 1
            top, limit_of = root / "sys/fs/cgroup/cpu", _limit_v1
        else:
            continue
        names = [name for name in path.split("/") if name not in ("", "..")]
        for depth in range(len(names) + 1):
            quota = min(quota, limit_of(top.joinpath(*names[:depth])))
    return quota


def _limit_v2(group):
    """A group's limit, from one file: "150000 100000" is quota and period in microseconds, "max" no limit."""
    return _ratio(_read(group / "cpu.max").split())


def _limit_v1(group):
    """A group's limit, from two files; a quota of -1 is no limit."""
    return _ratio([_read(group / "cpu.cfs_quota_us"), _read(group / "cpu.cfs_period_us")])


def _ratio(words):
    """Quota divided by period, or infinity if there is no limit, or no such file."""
    try:
        quota, period = map(int, words)
    except ValueError:
        return math.inf
    return quota / period if quota > 0 and period > 0 else math.inf


def _read(path):
    """A file's text, or nothing if it cannot be read, as on other systems than Linux."""
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""


def follow_cpu_limit(root="/"):
    """Lower numpy's number of threads to available_cpus(), unless the user set it. `import mnistlib` does."""
    cpus = available_cpus(root)
    if cpus >= (os.cpu_count() or 1) or any(os.environ.get(name) for name in THREAD_VARIABLES):
        return
    for library in _libraries():
        if library.get_num_threads() > cpus:
            _set_threads(library, cpus)


class _OneThread:
    """While in force, as `with one_thread:`, numpy uses one thread.

    numpy's number of threads is mostly one for the whole process. So where several threads of a program are
    inside at once, the first to come notes what it was, and the last to leave sets it back.
    """

    def __init__(self):
        self._lock = threading.Lock()
        self._inside = 0
        self._before = []

    def __enter__(self):
        with self._lock:
            libraries = _libraries()
            if self._inside == 0:
                self._before = [(library, library.get_num_threads()) for library in libraries]
            self._inside += 1
            # Also for those who come later: a few libraries keep a number for each thread of the program
            for library in libraries:
                _set_threads(library, 1)

    def __exit__(self, *_):
        with self._lock:
            self._inside -= 1
            if self._inside == 0:
                for library, number in self._before:
                    _set_threads(library, number)


one_thread = _OneThread()


def _libraries():
    """The libraries in this process that compute in several threads, as threadpoolctl's controllers.

    threadpoolctl speaks to the libraries themselves: so it does not matter that numpy was imported before,
    when a variable in the environment would come too late. It is imported only where it is needed.
    """
    from threadpoolctl import ThreadpoolController

    libraries = ThreadpoolController().lib_controllers
    return [library for library in libraries if library.get_num_threads()]


def _set_threads(library, number):
    """Let a library compute in `number` threads, from whichever thread of the program we are called."""
    # Since version 3.8, the first thread to set OpenBLAS's number has control of it, and threadpoolctl
    # silently ignores what others set. So we make sure that nobody has control, and do not keep it either.
    free = getattr(library, "clear_controlling_thread", lambda force: None)
    free(force=True)
    library.set_num_threads(number)
    free(force=True)

"""One thread for numpy's matrix products, unless you ask for more.

numpy hands its products to a BLAS library, mostly OpenBLAS, which starts a thread for each processor that it
sees. On an idle computer with two processors, that makes a training 5 to 20 % faster. Beside anything else,
a video call, another notebook or another learner, it makes it ten times slower or worse: the threads wait for
one another by spinning, and so take the processor from those they wait for. In a container, which may use
two of a computer's 32 processors, it is the same with 32 threads.

So `import mnistlib` sets one thread, once. docs/classroom.md has the figures, and says how to ask for more.
"""

import os
import sys
import threading

# What the libraries behind numpy read, when numpy is imported, to know how many threads they may use
THREAD_VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")

MOST = 64  # threads with which numpy's own OpenBLAS starts, however many processors there are


def available_cpus() -> int:
    """How many processors this process may run on, which `taskset` and the like can limit; at least 1."""
    if hasattr(os, "process_cpu_count"):  # since Python 3.13
        return os.process_cpu_count() or 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def one_thread_unless_asked() -> None:
    """Let numpy use one thread, if nobody has said otherwise; `import mnistlib` calls it.

    Saying otherwise is a variable of THREAD_VARIABLES, or a number of threads that is not the one with which
    a library starts, a thread for each processor. What is set later stays as well.
    """
    if sys.platform == "emscripten" or any(os.environ.get(name) for name in THREAD_VARIABLES):
        return
    for library in _libraries():
        if library.get_num_threads() >= min(available_cpus(), MOST):
            _set_threads(library, 1)


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
    when a variable in the environment would come too late.
    """
    from threadpoolctl import ThreadpoolController  # here, since a browser's Python may lack it

    return [library for library in ThreadpoolController().lib_controllers if library.get_num_threads()]


def _set_threads(library, number):
    """Let a library compute in `number` threads, from whichever thread of the program we are called."""
    # Since version 3.8, the first thread to set OpenBLAS's number has control of it, and threadpoolctl
    # silently ignores what others set. So we make sure that nobody has control, and do not keep it either.
    free = getattr(library, "clear_controlling_thread", lambda force: None)
    free(force=True)
    library.set_num_threads(number)
    free(force=True)

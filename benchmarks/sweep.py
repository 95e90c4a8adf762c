"""What two processes gain over one: the same sweep, trained here and by WorkerProcesses(2), and on Dask.

    python benchmarks/sweep.py              needs the real MNIST files (MNIST_DATA_DIR or data/mnist)

The runs and their order are the same each time, and so must be the results. All have one BLAS thread. Prints
the median of three turns, taken in turn so that a busy moment of the machine hits all alike. In a first turn,
which is not counted, the workers start and read the digits. The best that two can reach is 2.0 x, and less
where the processors of this computer share a cache, or have other things to do: the load before the start is
printed, too.
"""

import contextlib

from common import interleaved, print_load

from mnistlib.datasets import find_data
from mnistlib.plumbing.threads import available_cpus
from mnistlib.sweep import WorkerProcesses, combinations, sweep

TURNS = 3
RUNS = combinations(sizes=[(784, 64, 10), (784, 128, 10)], learning_rate=[0.03, 0.1, 0.2, 0.3], seed=[1])


def main():
    digits, line = find_data("mnist")
    print(f"{line}\n{available_cpus()} processors for us")
    print_load()
    results = []

    def trained_by(executor):
        return lambda: results.append(sweep(RUNS, data=digits, executor=executor, epochs=3, progress=False))

    with contextlib.ExitStack() as stack:
        turns = {"serial": trained_by(None)}
        turns["two processes"] = trained_by(stack.enter_context(WorkerProcesses(2)))
        try:
            from dask.distributed import Client

            client = stack.enter_context(Client(n_workers=2, threads_per_worker=1, dashboard_address=None))
            turns["two Dask workers"] = trained_by(client.get_executor(pure=False))
        except ImportError:
            print("(without Dask, which is not installed)")
        seconds = interleaved(turns, TURNS)
    assert all(result == results[0] for result in results), "results differ"
    print(f"{len(RUNS)} trainings of 3 epochs, identical results, median of {TURNS} turns:")
    for name, taken in seconds.items():
        print(f"{name:>20} {taken:6.1f} s   {seconds['serial'] / taken:.2f} x")


if __name__ == "__main__":
    main()

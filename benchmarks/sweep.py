"""What two processes gain over one: the same sweep, trained here and by WorkerProcesses(2), and on Dask.

    python benchmarks/sweep.py              needs the real MNIST files (MNIST_DATA_DIR or data/mnist)

The runs and their order are the same each time, and so must be the results. All have one BLAS thread. Prints
the median of three turns, taken in turn so that a busy moment of the machine hits all alike. The workers
are there before the clock starts, and have read the digits: a sweep of a minute or more shows little of that.
The best that two can reach is 2.0 x, and less where the processors of this computer share a cache, or
have other things to do: the load before the start is printed, too.
"""

from common import interleaved, print_load

from mnistlib.datasets import find_data
from mnistlib.plumbing.threads import available_cpus
from mnistlib.sweep import WorkerProcesses, combinations, sweep

TURNS = 3
RUNS = combinations(sizes=[(784, 64, 10), (784, 128, 10)], learning_rate=[0.03, 0.1, 0.2, 0.3], seed=[1])


def main():
    digits, line = find_data("mnist")
    print(line)
    print(f"{available_cpus()} processors for us")
    print_load()
    with WorkerProcesses(2) as processes:
        executors = {"serial": None, "two processes": processes}
        client = start_dask()
        if client:
            executors["two Dask workers"] = client.get_executor(pure=False)
        compare(digits, executors)
        if client:
            client.close()


def start_dask():
    """A client of a cluster with two workers on this computer, or None where Dask is not installed."""
    try:
        from dask.distributed import Client
    except ImportError:
        print("(without Dask, which is not installed)")
        return None
    return Client(n_workers=2, threads_per_worker=1, dashboard_address=None)


def compare(digits, executors):
    results = []
    for executor in executors.values():  # the workers load mnistlib and the digits
        run(digits, executor, RUNS[:2])
    turns = {
        name: lambda executor=executor: results.append(run(digits, executor, RUNS))
        for name, executor in executors.items()
    }
    seconds = interleaved(turns, TURNS)
    assert all(result == results[0] for result in results), "results differ"
    print(f"{len(RUNS)} trainings of 3 epochs, identical results, median of {TURNS} turns:")
    for name, taken in seconds.items():
        print(f"{name:>20} {taken:6.1f} s   {seconds['serial'] / taken:.2f} x")


def run(digits, executor, runs):
    return sweep(runs, data=digits, executor=executor, epochs=3, progress=False)


if __name__ == "__main__":
    main()

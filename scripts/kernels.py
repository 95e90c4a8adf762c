"""Other machines: the strict comparison under other BLAS kernels and numbers of threads.

usage: python scripts/kernels.py [--kernels Haswell Zen …] [--threads 1 2 …] [--workers N] [01 07 …]

numpy multiplies matrices with OpenBLAS, which has a kernel for each family of processors and takes the one
that fits; OPENBLAS_CORETYPE makes it take another. Different kernels, and different numbers of threads, add
up the same numbers in another order, so that the last bits differ. Nothing that a notebook prints may. All
notebooks (or those named) run with each kernel that this processor can execute, and each number of threads.
Prints a table, with what really ran (asked of the library by threadpoolctl). Needs the real MNIST, and more
than an hour for all.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import ROOT, environment, real_mnist_folder

# {OpenBLAS's name of a kernel: what the processor must have for it, as Linux calls it}
KERNELS = {"Prescott": "pni", "Haswell": "avx2", "Zen": "avx2", "SkylakeX": "avx512f"}
ASK = """
import json, numpy, threadpoolctl
print(json.dumps([i for i in threadpoolctl.threadpool_info() if i["user_api"] == "blas"]))
"""


def processor_can(feature):
    """Whether this processor has a feature. Where the system does not tell, assume so: what ran is shown."""
    try:
        words = Path("/proc/cpuinfo").read_text(encoding="utf-8").split()
    except OSError:
        return True
    return feature in words


def what_runs(env):
    """(kernel, number of threads) of the BLAS that numpy uses in an environment, as the library tells."""
    answer = subprocess.run([sys.executable, "-c", ASK], env=env, capture_output=True, text=True, check=True)
    library = json.loads(answer.stdout)[0]
    return library.get("architecture", library["internal_api"]), library["num_threads"]


def strict(kernel, threads, options, log):
    """Run the strict comparison under a kernel, its output into `log`. Returns whether it passed."""
    command = [sys.executable, str(ROOT / "scripts" / "test.py"), "--strict", f"--threads={threads}"]
    command += [f"--workers={options.workers}", *options.notebooks]
    env = {**os.environ, "OPENBLAS_CORETYPE": kernel}
    return subprocess.run(command, env=env, stdout=log, stderr=subprocess.STDOUT, check=False).returncode == 0


def main():
    parser = argparse.ArgumentParser(description="The strict comparison under other BLAS kernels.")
    parser.add_argument("--kernels", nargs="+", default=list(KERNELS), choices=list(KERNELS))
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--workers", type=int, default=1, help="notebooks at the same time (default 1)")
    parser.add_argument("notebooks", nargs="*", default=[], help="only these notebooks: 01 07")
    options = parser.parse_args()
    if real_mnist_folder() is None:
        sys.exit(
            "the strict comparison needs the real MNIST: set MNIST_DATA_DIR to the folder of its four files"
        )
    own = {name: value for name, value in os.environ.items() if name != "OPENBLAS_CORETYPE"}
    print("by itself, numpy takes {} with {} threads".format(*what_runs(own)))
    layout = "{:10} {:>7}   {:10} {:>7}   {:12} {:>10}"
    print(layout.format("asked for", "threads", "what ran", "threads", "comparison", "time"))
    verdicts = {}  # {(what ran, threads): passed}; a library may have one kernel under two names
    with tempfile.NamedTemporaryFile("w+", prefix="kernels-", suffix=".log", delete=False) as log:
        for kernel in options.kernels:
            if not processor_can(KERNELS[kernel]):
                print(layout.format(kernel, "", "", "", "not possible", f"no {KERNELS[kernel]}"))
                continue
            for threads in options.threads:
                ran = what_runs({**environment(None, threads), "OPENBLAS_CORETYPE": kernel})
                start = time.perf_counter()
                known = ran in verdicts
                if not known:
                    verdicts[ran] = strict(kernel, threads, options, log)
                verdict = "passed" if verdicts[ran] else "FAILED"
                seconds = "as above" if known else f"{time.perf_counter() - start:.0f} s"
                print(layout.format(kernel, threads, *ran, verdict, seconds), flush=True)
    print(f"all output: {log.name}")
    sys.exit(not all(verdicts.values()))


if __name__ == "__main__":
    main()

"""How long one epoch takes: mnistlib's ``train`` beside PyTorch, scikit-learn and the bare matrix products.

    python benchmarks/epoch.py                 everything, one thread and two (about five minutes)
    python benchmarks/epoch.py --threads 1     one thread only
    python benchmarks/epoch.py --batches 100   one batch size only

The work: one epoch of 784-128-10, ReLU, softmax, SGD with momentum 0.9, all training images in random order
(shuffling included), float32. The yardstick is the five matrix products of that epoch and nothing else. It is
measured twice: on one batch again and again, which then stays in the processor's cache (no training is
faster than that), and on all batches of the epoch, each from its own place in memory.

Every contestant goes on training its own network from turn to turn, as one does who trains for several
epochs. After some hundred batches the velocities behind pixels that are hardly ever inked have shrunk to
subnormal numbers, which processors are slow with; ``train`` clears them out, PyTorch can be told to
(``torch.set_flush_denormal``), which is a contestant of its own.

The contestants take turns, and each figure is the median of its turns. PyTorch and scikit-learn are optional
(``pip install -e '.[benchmark]'``); what is not installed is left out.
"""

import argparse
import statistics
import sys
import time
import warnings

import numpy as np
from common import in_fresh_process, interleaved, print_load
from threadpoolctl import threadpool_info

from mnistlib.datasets import load_data
from mnistlib.network import Network
from mnistlib.training import accuracy, linear_decay, train

HIDDEN, MOMENTUM, RATE = 128, 0.9, 0.1
# For 98 % in ten epochs: the best of three values of L2 and two sizes, when the first 50,000 training images
# are trained on and the last 10,000 judge (98.1 %; with 128 neurons 98.0 %).
ROAD_HIDDEN, ROAD_L2 = 256, 3e-5


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--batches", type=int, nargs="+", default=[32, 100, 256, 1000])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--child", type=int, help=argparse.SUPPRESS)  # with so many threads
    options = parser.parse_args()
    if options.child:
        run(options.child, options.batches, options.repeats)
    else:
        for threads in options.threads:
            in_fresh_process(*sys.argv[1:], "--child", str(threads), threads=threads)


def run(threads, batches, repeats):
    print(f"\n==== {threads} thread{'s' * (threads > 1)}: numpy {np.__version__}")
    for blas in threadpool_info():
        print(f"     {blas['internal_api']} {blas['version']} {blas.get('architecture', '')}")
    data = load_data()
    print_load()
    data = data._replace(train_labels=data.train_labels.astype(np.int64))
    pause = 0.3 if threads > 1 else 0.0  # idle threads of the one before spin for a moment
    for batch in batches:
        contestants, notes = minibatches(data, batch, threads)
        seconds = interleaved(contestants, repeats, pause)
        table(f"One epoch, batch {batch}, {threads} thread(s)", seconds, notes)
    seconds = interleaved(full_batch(data), repeats, pause)
    table(f"One full-batch round, sigmoid, {threads} thread(s)", seconds, {})
    if threads == 1:
        ten_epochs(data)


def table(title, seconds, notes):
    """Print the seconds and two ratios: to our time, and to the bare products."""
    print(f"\n{title}\n  {'':34}{'seconds':>9}{'× products':>12}{'ours is':>12}")
    for name, value in seconds.items():
        to_products = value / seconds["bare matrix products"]
        ratio = "" if name == "mnistlib.train" else f"{seconds['mnistlib.train'] / value:10.2f} ×"
        print(f"  {name:34}{value:9.3f}{to_products:12.2f}{ratio:>12}   {notes.get(name, '')}")


# ---- one epoch in minibatches -----------------------------------------------------------------------------


def minibatches(data, batch, threads):
    """The contestants, and the share of the test set that each reads after its first epoch."""
    n = len(data.train_images)
    contestants = {
        "bare matrix products": products(n, batch),
        "the same, on every batch's images": products(n, batch, data.train_images),
    }
    notes = {}
    for learners in (ours, pytorch, scikit_learn):
        try:
            for name, epoch, predict in learners(data, batch, threads):
                epoch()
                notes[name] = f"{(predict(data.test_images) == data.test_labels).mean():.2%} of the test set"
                contestants[name] = epoch
        except ImportError as error:
            print(f"left out: {error.name} is not installed")
    return contestants, notes


def products(n, batch, images=None, hidden=HIDDEN):
    """The products of an epoch: two forward, three backward, per batch; a function that returns its seconds.

    With images, x is another batch of them each time; without, always the same array.
    """
    shapes = (batch, 784), (batch, hidden), (batch, hidden), (batch, 10), (784, hidden), (hidden, 10)
    rng = np.random.default_rng(0)
    x, h, d, z, W1, W2 = (rng.random(shape, dtype=np.float32) for shape in shapes)
    dW1, dW2 = np.zeros_like(W1), np.zeros_like(W2)
    every = None if images is None else rows(images)

    def timed():
        begin = time.perf_counter()
        for i in range(n // batch):
            batch_x = x if every is None else every[i * batch : (i + 1) * batch]
            np.dot(batch_x, W1, out=h)
            np.dot(h, W2, out=z)
            np.dot(h.T, z, out=dW2)
            np.dot(z, W2.T, out=d)
            np.dot(batch_x.T, d, out=dW1)
        return (time.perf_counter() - begin) * (n / batch) / (n // batch)

    return timed


def rows(images):
    """Images as others want them: (N, 784), float32 from 0 to 1."""
    return images.reshape(-1, 784).astype(np.float32) / 255


# Each of these yields (name, a function that trains one epoch further, a function that predicts).


def ours(data, batch, threads):
    """``train``, and the same epoch as notebook 07 would write it, with Network.gradients."""
    options = {"batch_size": batch, "learning_rate": RATE, "momentum": MOMENTUM, "progress": False}
    fast, slow = Network((784, HIDDEN, 10)), Network((784, HIDDEN, 10))
    rng = np.random.default_rng(0)
    velocities = [(np.zeros_like(W), np.zeros_like(b)) for W, b in slow.parameters]

    def readable():
        order = rng.permutation(len(data.train_images))
        for start in range(0, len(order), batch):
            some = order[start : start + batch]
            _, gradients = slow.gradients(data.train_images[some], data.train_labels[some])
            for parameters, gradient, velocity in zip(slow.parameters, gradients, velocities, strict=True):
                for p, g, v in zip(parameters, gradient, velocity, strict=True):
                    v *= MOMENTUM
                    v += g
                    p -= RATE * v

    yield "mnistlib.train", lambda: train(fast, *data[:2], epochs=1, **options), fast.predict
    yield "Network.gradients, readable", readable, slow.predict


def pytorch(data, batch, threads):
    import torch

    torch.set_num_threads(threads)
    x, y = torch.from_numpy(rows(data.train_images)), torch.from_numpy(data.train_labels)

    def learner(flush, batches):
        torch.manual_seed(0)
        layers = torch.nn.Linear(784, HIDDEN), torch.nn.ReLU(), torch.nn.Linear(HIDDEN, 10)
        model = torch.nn.Sequential(*layers)
        optimiser = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
        loss = torch.nn.CrossEntropyLoss()

        def epoch():
            torch.set_flush_denormal(flush)
            for images, labels in batches():
                optimiser.zero_grad()
                loss(model(images), labels).backward()
                optimiser.step()
            torch.set_flush_denormal(False)  # it would hold for numpy too

        def predict(images):
            with torch.no_grad():
                return model(torch.from_numpy(rows(images))).argmax(1).numpy()

        return epoch, predict

    def selected():
        return ((x.index_select(0, r), y.index_select(0, r)) for r in torch.randperm(len(x)).split(batch))

    dataset = torch.utils.data.TensorDataset(x, y)
    loader = torch.utils.data.DataLoader(dataset, batch_size=batch, shuffle=True)
    yield "PyTorch eager, index_select", *learner(False, selected)
    yield "PyTorch index_select, no subnormals", *learner(True, selected)
    yield "PyTorch eager, DataLoader", *learner(False, lambda: loader)


def scikit_learn(data, batch, threads):
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    warnings.simplefilter("ignore", ConvergenceWarning)  # one epoch is what we ask for
    options = {"solver": "sgd", "learning_rate_init": RATE, "momentum": MOMENTUM, "nesterovs_momentum": False}
    one_more = {"max_iter": 1, "warm_start": True}  # an epoch that goes on from the weights that it has
    model = MLPClassifier((HIDDEN,), alpha=0.0, batch_size=batch, random_state=0, **options, **one_more)
    x = rows(data.train_images)
    yield (
        "scikit-learn MLPClassifier",
        lambda: model.fit(x, data.train_labels),
        lambda images: model.predict(rows(images)),
    )


# ---- full batch, and the road to 98 % ---------------------------------------------------------------------


def full_batch(data):
    """A round over all images of the sigmoid network with squared error."""
    n, network = len(data.train_images), Network((784, HIDDEN, 10), "sigmoid", "sigmoid")
    options = {"epochs": 3, "batch_size": None, "learning_rate": 1.0, "momentum": 0.0, "progress": False}
    return {
        "bare matrix products": products(n, 1000),
        "the same, all images in one piece": products(n, n),
        "mnistlib.train": lambda: statistics.median(train(network, *data[:2], **options).seconds),
    }


def ten_epochs(data):
    """Ten epochs with a falling learning rate: how far that goes, and in how many product epochs."""
    yardstick = {"products": products(len(data.train_images), 100, hidden=ROAD_HIDDEN)}
    product_epoch = interleaved(yardstick, 5)["products"]
    network = Network((784, ROAD_HIDDEN, 10))
    options = {"batch_size": 100, "learning_rate": linear_decay(RATE), "momentum": MOMENTUM, "l2": ROAD_L2}
    seconds = sum(train(network, *data[:2], epochs=10, progress=False, **options).seconds)
    print(f"\n{network}, 10 epochs, batch 100, learning rate {RATE} falling to 0, L2 {ROAD_L2:g}, one thread")
    print(f"  {accuracy(network, *data[2:4]):.2%} of the test set after {seconds:.2f} s of training,")
    print(f"  which is {seconds / product_epoch:.1f} × the bare products of one epoch of this network")


if __name__ == "__main__":
    main()

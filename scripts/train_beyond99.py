"""Train the network of notebook 08 that reads more than 99.3 % of MNIST's test digits, and save it.

    python scripts/train_beyond99.py            train on all 60,000 images, save, score the test set once
    python scripts/train_beyond99.py --choose   the trials by which the recipe was chosen: trained on 50,000
                                                images, scored on the other 10,000 of the training set

Needs the real MNIST (see data/README.md). On one core it takes about eight minutes, with --choose twenty.
Writes mnistlib/pretrained/beyond-99.npz, with its weights rounded to float16.
"""

from shipped import ship, train_or_choose

from mnistlib.augment import Distorter
from mnistlib.network import Network
from mnistlib.training import linear_decay, train


def train_by(images, labels, sizes=(784, 800, 800, 10), epochs=100, l2=1e-5, rotation=10, validation=None):
    """Train a network by the recipe; returns it. rotation: in degrees; the rest is as Distorter has it."""
    network = Network(sizes, seed=1)
    options = {"batch_size": 100, "learning_rate": linear_decay(0.1), "augment": Distorter(rotation=rotation)}
    history = train(network, images, labels, epochs=epochs, l2=l2, validation=validation, seed=1, **options)
    seconds = sum(history.seconds)
    print(f"{network}, l2 {l2}, rotation {rotation}: {history}, {seconds:.0f} s", flush=True)
    return network


def choose(training, validation):
    """The candidates, scored on the last 10,000 training images."""
    train_by(*training, (784, 800, 800, 10), 40, 0, 12, validation)
    for sizes in ((784, 800, 10), (784, 500, 500, 300, 10), (784, 800, 800, 10)):
        train_by(*training, sizes, 80, validation=validation)


def make(digits):
    ship(train_by(digits.train_images, digits.train_labels), "beyond-99", digits)


if __name__ == "__main__":
    train_or_choose(__doc__, make, choose)

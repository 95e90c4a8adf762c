"""The trained network that comes with the package."""

from pathlib import Path

from mnistlib.network import Network

FOLDER = Path(__file__).parent / "pretrained"


def pretrained():
    """Return the network that comes with the package, freshly loaded: Network(784-400-400-10, relu, softmax).

    It has learned from MNIST and from digits written with a pen on a tablet. MODEL_CARD.md in the folder
    mnistlib/pretrained tells how it was trained, what it reads and where it fails; benchmarks/pretrained.py
    trains it again.
    """
    return Network.load(FOLDER / "digits.npz")

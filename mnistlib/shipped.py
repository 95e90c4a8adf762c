"""The trained networks that come with the package."""

from pathlib import Path

from mnistlib.network import Network

FOLDER = Path(__file__).parent / "pretrained"


def pretrained(name="digits"):
    """Return a network that comes with the package, freshly loaded.

    "digits"     784-400-400-10, has learned from MNIST and from digits written with a pen on a tablet: the
                 one for drawn digits. mnistlib/pretrained/MODEL_CARD.md tells how it was trained, what it
                 reads and where it fails; benchmarks/pretrained.py trains it again.
    "beyond-99"  784-800-800-10, has learned from MNIST alone: the one of notebook 08. benchmarks/beyond99.py
                 trains it again.

    Raises ValueError for any other name.
    """
    names = sorted(path.stem for path in FOLDER.glob("*.npz"))
    if name not in names:
        raise ValueError(f"there is no network {name!r}; there are {', '.join(map(repr, names))}")
    return Network.load(FOLDER / f"{name}.npz")

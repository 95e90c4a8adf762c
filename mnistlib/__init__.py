"""The helper package of the course: what the notebooks have built so far, kept for the next one.

Open these; a notebook has built each of them, and its first lines say which: idx, datasets, network,
training, sweep, augment, convolution, plots. You need not open the rest: `check` marks the exercises
(spoilers!), `explore` has the pictures with sliders, `pad` the drawing pad, `pen` what turns strokes into
images, `pretrained` trained networks, and `plumbing` what a program needs and a learner does not.
"""

from mnistlib.convolution import ConvNetwork
from mnistlib.datasets import DataError, Digits, load_data
from mnistlib.idx import IdxError, read_idx, write_idx
from mnistlib.network import Network, pretrained
from mnistlib.pen import rasterise, synthetic_digits
from mnistlib.plumbing.threads import one_thread_unless_asked as _one_thread_unless_asked
from mnistlib.training import History, accuracy, linear_decay, train

__all__ = [
    "ConvNetwork",
    "DataError",
    "Digits",
    "History",
    "IdxError",
    "Network",
    "SketchPad",
    "accuracy",
    "linear_decay",
    "load_data",
    "pretrained",
    "rasterise",
    "read_idx",
    "synthetic_digits",
    "train",
    "write_idx",
]

# Many threads are fast on an idle computer only; docs/classroom.md says how to ask for more
_one_thread_unless_asked()


def __getattr__(name):
    """Import the drawing pad only when it is asked for: it brings a widget library and matplotlib along."""
    if name == "SketchPad":
        from mnistlib.pad.sketchpad import SketchPad

        return SketchPad
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

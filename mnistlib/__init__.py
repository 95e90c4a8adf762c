"""The helper package of the course: what the notebooks have built so far, kept for the next one."""

from mnistlib.datasets import DataError, Digits, load_data
from mnistlib.idx import IdxError, read_idx, write_idx
from mnistlib.network import Network
from mnistlib.pen import rasterise
from mnistlib.synthetic import synthetic_digits
from mnistlib.training import History, accuracy, linear_decay, train

__all__ = [
    "DataError",
    "Digits",
    "History",
    "IdxError",
    "Network",
    "accuracy",
    "linear_decay",
    "load_data",
    "rasterise",
    "read_idx",
    "synthetic_digits",
    "train",
    "write_idx",
]

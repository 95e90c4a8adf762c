"""Checks for the exercises (spoilers!): each runs your function and says what is wrong with it.

A check prints its verdict and never raises, so that a notebook with unsolved exercises still runs to its end.
How a verdict is spoken stands in verdict.py, and what the exercises of a lesson ask for in a file of its own.
"""

from mnistlib.check.bug_hunt import bug_hunt, loss_hunt
from mnistlib.check.lesson01 import accuracy, one_hot, to_unit
from mnistlib.check.lesson02 import label_counts, pixel_position, read_header
from mnistlib.check.lesson03 import count_parameters, forward, relu
from mnistlib.check.lesson04 import gradients, hidden_delta, numerical_slope, relu_slope
from mnistlib.check.lesson05 import batch_gradients, minibatches
from mnistlib.check.lesson06 import choose, split
from mnistlib.check.lesson07 import confusion_matrix, output_delta, softmax, with_l2
from mnistlib.check.lesson08 import best_epoch, momentum_step, shift
from mnistlib.check.lesson09 import ink_on_dark, none_of_these
from mnistlib.check.lesson10 import average_pool, average_unpool, correlate, count_layer
from mnistlib.check.lesson11 import cost_of_values, divide_values, relu_value

__all__ = [
    "accuracy", "average_pool", "average_unpool", "batch_gradients", "best_epoch", "bug_hunt", "choose",
    "confusion_matrix", "correlate", "cost_of_values", "count_layer", "count_parameters", "divide_values",
    "forward", "gradients", "hidden_delta", "ink_on_dark", "label_counts", "loss_hunt", "minibatches",
    "momentum_step", "none_of_these", "numerical_slope", "one_hot", "output_delta", "pixel_position",
    "read_header", "relu", "relu_slope", "relu_value", "shift", "softmax", "split", "to_unit", "with_l2",
]  # fmt: skip

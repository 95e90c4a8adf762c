"""Explorations: small pictures in a notebook with knobs to turn, built on ipywidgets.

Every one can also be turned from Python, so that a cell, or a test, can do what a hand would do:

    neuron = Neuron()
    neuron.weight = 3
    print(neuron.says)
"""

from mnistlib.explore.mistakes import Mistakes
from mnistlib.explore.neuron import Neuron
from mnistlib.explore.race import Race
from mnistlib.explore.softmax import Softmax
from mnistlib.explore.steps import Steps
from mnistlib.explore.sweep_map import SweepMap
from mnistlib.explore.valley import Valley
from mnistlib.explore.weights import FirstLayer

__all__ = ["FirstLayer", "Mistakes", "Neuron", "Race", "Softmax", "Steps", "SweepMap", "Valley"]

"""Explorations: small pictures in a notebook with knobs to turn, built on ipywidgets.

Every one can also be turned from Python, so that a cell, or a test, can do what a hand would do:

    neuron = Neuron()
    neuron.weight = 3
    print(neuron.says)
"""

import importlib

# Each name comes from a module of its own, imported only when it is asked for.
_MODULES = {
    "Neuron": "neuron",
    "Steps": "steps",
    "Valley": "valley",
    "Race": "race",
    "Softmax": "softmax",
    "SweepMap": "sweep_map",
    "Mistakes": "mistakes",
    "FirstLayer": "weights",
}

__all__ = list(_MODULES)


def __getattr__(name):
    if name in _MODULES:
        return getattr(importlib.import_module(f"mnistlib.explore.{_MODULES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")

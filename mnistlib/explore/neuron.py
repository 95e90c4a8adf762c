"""A neuron with one input, and three sliders: what weight and bias do to its output."""

import numbers

import ipywidgets
import numpy as np

from mnistlib.explore.base import Exploration, Picture, Words, new_figure, row
from mnistlib.plots import BLUE, ORANGE

REACH = 4.0  # weight, bias and input go from −REACH to REACH


def sigmoid(z):
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def relu(z):
    return np.maximum(z, 0)


# name: function, colour, and how far up and down the picture goes
ACTIVATIONS = {"sigmoid": (sigmoid, BLUE, (-0.1, 1.1)), "ReLU": (relu, ORANGE, (-0.8, 8.8))}


class Neuron(Exploration):
    """A neuron with one input x: its sum z = x · w + b, and its output under sigmoid and under ReLU.

    weight, bias, input : float from −4 to 4
        Where the sliders stand; they can be set from Python. ValueError for other numbers.
    """

    def __init__(self, weight=1.0, bias=0.0, input=1.0):
        self._sliders = {name: _slider(name) for name in ("weight", "bias", "input")}
        self._pictures = {name: Picture() for name in ACTIVATIONS}
        self._words = Words()
        super().__init__(row(*self._sliders.values()), row(*self._pictures.values()), self._words)
        self.weight, self.bias, self.input = weight, bias, input
        for slider in self._sliders.values():
            slider.observe(self._draw, names="value")
        self._draw()

    def __repr__(self):
        return f"Neuron(weight={self.weight:.1f}, bias={self.bias:.1f}, input={self.input:.1f})"

    @property
    def weight(self):
        """w: how strongly the input counts, and in which direction."""
        return self._sliders["weight"].value

    @weight.setter
    def weight(self, value):
        self._sliders["weight"].value = _checked("weight", value)

    @property
    def bias(self):
        """b: what is added, whatever the input."""
        return self._sliders["bias"].value

    @bias.setter
    def bias(self, value):
        self._sliders["bias"].value = _checked("bias", value)

    @property
    def input(self):
        """x: where the dot sits."""
        return self._sliders["input"].value

    @input.setter
    def input(self, value):
        self._sliders["input"].value = _checked("input", value)

    @property
    def sum(self):
        """z = x · w + b."""
        return self.input * self.weight + self.bias

    @property
    def outputs(self):
        """The neuron's output under each activation: {"sigmoid": …, "ReLU": …}."""
        return {name: float(function(self.sum)) for name, (function, _, _) in ACTIVATIONS.items()}

    @property
    def says(self):
        """What the pictures show, in words."""
        return self._words.text

    def _draw(self, change=None):
        with self.lock:
            self._words.text = self._in_words()
            for name, picture in self._pictures.items():
                figure = new_figure(3.4, 2.8)
                draw_neuron(figure.subplots(), name, self.weight, self.bias, self.input)
                alt = (
                    f"The output of a {name} neuron against its input, weight {self.weight:.1f}, "
                    f"bias {self.bias:.1f}; a dot at input {self.input:.1f}, output {self.outputs[name]:.2f}"
                )
                picture.show(figure, alt)

    def _in_words(self):
        sigmoid_output, relu_output = self.outputs.values()
        text = (
            f"z = x · w + b = {_number(self.input)} · {_number(self.weight)} + {_number(self.bias)} "
            f"= {_number(self.sum, 2)}. Sigmoid: {sigmoid_output:.2f}. ReLU: {relu_output:.2f}."
        )
        if self.weight == 0:
            text += " With weight 0 the input does not count at all."
        if not 0.01 <= sigmoid_output <= 0.99:
            text += " Here the sigmoid's curve is almost flat."
        if self.sum < 0:
            text += " Here ReLU's curve is flat."
        return text


def draw_neuron(axes, name, weight, bias, input=None):
    """Draw a neuron's output against its input; in grey, for comparison, that of weight 1 and bias 0.

    name: "sigmoid" or "ReLU". input: where to put a dot; None for no dot. A dotted line stands where z = 0.
    """
    function, colour, limits = ACTIVATIONS[name]
    x = np.linspace(-REACH, REACH, 401)
    axes.plot(x, function(x), color="#bbbbbb", linewidth=1.2)
    if weight != 0 and abs(bias / weight) <= REACH:
        axes.axvline(-bias / weight, color="#555555", linestyle=":", linewidth=1.2)
        axes.text(-bias / weight, limits[1], " z = 0", va="top", fontsize=9, color="#555555")
    axes.plot(x, function(x * weight + bias), color=colour, linewidth=2.8)
    if input is not None:
        output = float(function(input * weight + bias))
        axes.plot([input, input, -REACH], [limits[0], output, output], "k--", linewidth=0.9)
        beyond = output > limits[1]  # then an arrowhead at the upper edge says so
        axes.plot(
            input, min(output, limits[1]), "^" if beyond else "o", color="black", markersize=8, clip_on=False
        )
    axes.set(xlim=(-REACH, REACH), ylim=limits, xlabel="input x", ylabel="output a", title=name)
    axes.set(xticks=range(-4, 5, 2), yticks=[0, 0.5, 1] if name == "sigmoid" else range(0, 9, 2))
    axes.spines[["top", "right"]].set_visible(False)
    axes.grid(alpha=0.25)


def _slider(name):
    letter = {"weight": "w", "bias": "b", "input": "x"}[name]
    return ipywidgets.FloatSlider(
        min=-REACH,
        max=REACH,
        step=0.1,
        readout_format=".1f",
        description=f"{name} {letter}",
        style={"description_width": "60px"},
        layout={"flex": "1 1 220px", "width": "auto"},
    )


def _checked(name, value):
    if not isinstance(value, numbers.Real) or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}: expected a number from {-REACH:g} to {REACH:g}")
    if not -REACH <= value <= REACH:  # also true for NaN
        raise ValueError(f"{name} is {value}: the slider goes from {-REACH:g} to {REACH:g}")
    return float(value)


def _number(value, decimals=1):
    """A number as it is written in a sum: negative ones in brackets, with a true minus sign."""
    text = f"{abs(value):.{decimals}f}"
    return text if value >= 0 else f"(−{text})"

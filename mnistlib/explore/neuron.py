"""A neuron with one input, and three sliders: what weight and bias do to its output."""

import numpy as np
from matplotlib.axes import Axes

from mnistlib.explore.base import Exploration, Picture, Slider, new_figure, row
from mnistlib.network import relu, sigmoid
from mnistlib.plots import BLUE, ORANGE

REACH = 4.0  # weight, bias and input go from −REACH to REACH
ROOM = {"description_width": "60px"}  # for a slider's name: the three stand below each other on a phone

# name: function, colour, and how far up and down the picture goes
ACTIVATIONS = {"sigmoid": (sigmoid, BLUE, (-0.1, 1.1)), "ReLU": (relu, ORANGE, (-0.8, 8.8))}


class Neuron(Exploration):
    """A neuron with one input x: its sum z = x · w + b, and its output under sigmoid and under ReLU.

    weight, bias, input : float from −4 to 4
        Where the sliders stand; they can be set from Python. ValueError for other numbers.
    """

    weight = Slider("weight w", -REACH, REACH, 0.1, style=ROOM, readout_format=".1f")
    bias = Slider("bias b", -REACH, REACH, 0.1, style=ROOM, readout_format=".1f")
    input = Slider("input x", -REACH, REACH, 0.1, style=ROOM, readout_format=".1f")

    def __init__(self, weight: float = 1.0, bias: float = 0.0, input: float = 1.0):
        self._pictures = {name: Picture() for name in ACTIVATIONS}
        super().__init__(weight=weight, bias=bias, input=input)
        self.children = row(*self.knobs.values()), row(*self._pictures.values()), self._words
        self.draw()

    def __repr__(self) -> str:
        return f"Neuron(weight={self.weight:.1f}, bias={self.bias:.1f}, input={self.input:.1f})"

    @property
    def sum(self) -> float:
        """z = x · w + b."""
        return self.input * self.weight + self.bias

    @property
    def outputs(self) -> dict:
        """The neuron's output under each activation: {"sigmoid": …, "ReLU": …}."""
        return {name: float(function(self.sum)) for name, (function, _, _) in ACTIVATIONS.items()}

    def pictures(self) -> list[Picture]:
        return list(self._pictures.values())

    def draw(self) -> None:
        z, (sigmoid_output, relu_output) = self.sum, self.outputs.values()
        text = (
            f"z = x · w + b = {_number(self.input)} · {_number(self.weight)} + {_number(self.bias)} "
            f"= {_number(z, 2)}. Sigmoid: {sigmoid_output:.2f}. ReLU: {relu_output:.2f}."
        )
        if self.weight == 0:
            text += " With weight 0 the input does not count at all."
        if not 0.01 <= sigmoid_output <= 0.99:
            text += " Here the sigmoid's curve is almost flat."
        if z < 0:
            text += " Here ReLU's curve is flat."
        self.says = text
        for name, picture in self._pictures.items():
            figure = new_figure((3.4, 2.8))
            draw_neuron(figure.subplots(), name, self.weight, self.bias, self.input)
            alt = (
                f"The output of a {name} neuron against its input, weight {self.weight:.1f}, "
                f"bias {self.bias:.1f}; a dot at input {self.input:.1f}, output {self.outputs[name]:.2f}"
            )
            picture.show(figure, alt)


def draw_neuron(axes: Axes, name: str, weight: float, bias: float, input: float | None = None) -> None:
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


def _number(value, decimals=1):
    """A number as it is written in a sum: negative ones in brackets, with a true minus sign."""
    text = f"{abs(value):.{decimals}f}"
    return text if value >= 0 else f"(−{text})"

"""The neuron with knobs."""

import matplotlib.pyplot as plt

from mnistlib.explore import Neuron
from mnistlib.explore.neuron import draw_neuron


def test_words_give_the_sum_and_the_outputs():
    neuron = Neuron(weight=3, bias=-3, input=1.5)
    assert neuron.says == "z = x · w + b = 1.5 · 3.0 + (−3.0) = 1.50. Sigmoid: 0.82. ReLU: 1.50."
    neuron.input = 0
    assert "ReLU's curve is flat" in neuron.says
    neuron.input = 4
    assert "sigmoid's curve is almost flat" in neuron.says
    assert "ReLU's" not in neuron.says
    neuron.weight = 0
    assert "does not count" in neuron.says
    relu = neuron.pictures()[1].alt
    assert relu.startswith("The output of a ReLU neuron against its input, weight 0.0, bias -3.0; a dot at ")


def drawn(*arguments):
    figure, axes = plt.subplots()
    draw_neuron(axes, *arguments)
    plt.close(figure)
    return {line.get_color(): line for line in axes.lines}


def test_the_dotted_line_stands_where_the_sum_is_zero():
    assert list(drawn("sigmoid", 2, -3)["#555555"].get_xdata()) == [1.5, 1.5]
    assert "#555555" not in drawn("sigmoid", 0, 1)  # z is never 0
    assert "#555555" not in drawn("sigmoid", 0.5, 3)  # at −6, outside the picture


def test_the_dot_sits_on_the_curve_or_points_beyond_it():
    dot = drawn("ReLU", 2, -3, 2.5)["black"]
    assert (dot.get_xdata()[0], dot.get_ydata()[0], dot.get_marker()) == (2.5, 2.0, "o")
    beyond = drawn("ReLU", 4, 4, 4)["black"]
    assert beyond.get_marker() == "^"
    assert beyond.get_ydata()[0] < 20

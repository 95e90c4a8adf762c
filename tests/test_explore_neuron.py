"""The neuron with knobs."""

import math

import matplotlib.pyplot as plt
import pytest

from mnistlib.explore import Neuron
from mnistlib.explore.neuron import draw_neuron


def test_outputs_are_those_of_the_formulas():
    neuron = Neuron(weight=2, bias=-1, input=1.5)
    assert neuron.sum == pytest.approx(2)
    assert neuron.outputs == pytest.approx({"sigmoid": 1 / (1 + math.exp(-2)), "ReLU": 2})
    neuron.weight = -2
    assert neuron.sum == pytest.approx(-4)
    assert neuron.outputs == pytest.approx({"sigmoid": 1 / (1 + math.exp(4)), "ReLU": 0})


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


def sliders(neuron):
    return neuron.children[0].children


def test_sliders_and_python_are_one():
    neuron = Neuron(weight=1, bias=2, input=3)
    assert [slider.value for slider in sliders(neuron)] == [1, 2, 3]
    assert [slider.description for slider in sliders(neuron)] == ["weight w", "bias b", "input x"]
    sliders(neuron)[0].value = -0.5  # what the page does
    assert neuron.weight == -0.5
    assert "(−0.5)" in neuron.says


def test_every_move_draws_both_pictures_anew():
    neuron = Neuron()
    pictures = neuron.children[1].children
    before = [(picture._png, picture.alt) for picture in pictures]
    neuron.bias = 2
    after = [(picture._png, picture.alt) for picture in pictures]
    for (old_png, old_alt), (new_png, new_alt) in zip(before, after, strict=True):
        assert old_png != new_png
        assert old_alt != new_alt
    assert "sigmoid neuron" in pictures[0].alt
    assert "ReLU neuron" in pictures[1].alt
    assert "bias 2.0" in pictures[0].alt


def test_repr_tells_the_knobs():
    assert repr(Neuron(weight=3, bias=-3, input=0)) == "Neuron(weight=3.0, bias=-3.0, input=0.0)"


@pytest.mark.parametrize("value", [4.1, -5, math.nan, math.inf, "3", None, True])
@pytest.mark.parametrize("name", ["weight", "bias", "input"])
def test_numbers_off_the_slider_are_refused(name, value):
    neuron = Neuron()
    before = getattr(neuron, name)
    with pytest.raises(ValueError, match=name):
        setattr(neuron, name, value)
    with pytest.raises(ValueError, match=name):
        Neuron(**{name: value})
    assert getattr(neuron, name) == before


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

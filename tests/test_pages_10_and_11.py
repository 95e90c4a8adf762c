"""Notebooks 10 and 11: their own checks notice faults, and the lines of PyTorch do what the page says."""

import math
import re

import numpy as np
import pytest
from course import ROOT, functions, prose, read
from numpy.lib.stride_tricks import sliding_window_view

import mnistlib
from mnistlib.network import cross_entropy, relu, softmax

CONVOLUTION, AUTOGRAD = (ROOT / "notebooks" / f"{name}.ipynb" for name in ("10-convolution", "11-autograd"))


def page(path, old=None, new=None):
    """The names that a notebook's functions and classes have, with one place of their source changed."""
    cells = [cell["source"] for cell in read(path)["cells"] if cell["cell_type"] == "code"]
    sources = [source for cell in cells if "check." not in cell for source in functions(cell).values()]
    code = "\n\n".join(sources)
    if old:
        assert code.count(old) == 1, f"{old!r} occurs {code.count(old)} times"
        code = code.replace(old, new)
    names = {"np": np, "math": math, "sliding_window_view": sliding_window_view}
    names |= {"relu": relu, "softmax": softmax, "cross_entropy": cross_entropy}
    exec(code, names)
    return names


def difference_of_convolution(names):
    """Between the slopes of the small network of notebook 10 and measured ones, on two kinds of images."""
    rng = np.random.default_rng(2)
    layers, labels = names["small_layers"](rng), rng.integers(0, 10, 3)
    images = (rng.normal(0, 1, (3, 10, 10, 1)), np.zeros((3, 10, 10, 1)))
    return max(names["largest_difference"](kind, labels, layers) for kind in images)


def difference_of_autograd(names):
    """Between the slopes that notebook 11 finds for a formula with everything in it, and measured ones."""

    def cost(values):
        a, b, c = values
        s = names["sigmoid"](a * b + 2 * a + c * c)
        return names["squared_error"]([s, s * a, names["log"](b + names["exp"](a))], [0.5, -1, 0])

    start, way = np.array([0.7, 1.3, -0.4]), np.array([1, -0.6, 0.3])
    values, ahead, back = ([names["Value"](x) for x in start + h * way] for h in (0, 1e-5, -1e-5))
    names["backward"](cost(values))
    measured = (cost(ahead).data - cost(back).data) / 2e-5
    return abs(measured - way @ [value.grad for value in values])


DIFFERENCE = {CONVOLUTION: difference_of_convolution, AUTOGRAD: difference_of_autograd}
FAULTS = [
    (CONVOLUTION, "delta * (first == corner)", "delta * (first >= 0) / 4"),
    (CONVOLUTION, "argmax(axis=-1)", "argmin(axis=-1)"),
    (CONVOLUTION, "j : j + places] += rows[..., i, j]", "j : j + places] = rows[..., i, j]"),
    (CONVOLUTION, "+= rows[..., i, j]", "+= rows[..., j, i]"),
    (CONVOLUTION, " * (seen[number] > 0)", ""),
    (CONVOLUTION, "delta.sum(axis=(0, 1, 2))", "delta.mean(axis=(0, 1, 2))"),
    (CONVOLUTION, "put_back(delta @ W.T,", "put_back(delta @ W.T / size**2,"),
    (AUTOGRAD, "parent.grad += slope * value.grad", "parent.grad = slope * value.grad"),
    (AUTOGRAD, "parent.grad += slope * value.grad", "parent.grad += slope"),
    (AUTOGRAD, "sorted(found, reverse=True)", "sorted(found)"),
    (AUTOGRAD, "[(self, other.data), (other, self.data)]", "[(self, self.data), (other, other.data)]"),
    (AUTOGRAD, "[(self, 1.0), (other, 1.0)]", "[(self, 1.0), (other, 0.0)]"),
    (AUTOGRAD, "return Value(e, [(x, e)]", "return Value(e, [(x, x.data)]"),
    (AUTOGRAD, "[(x, 1 / x.data)]", "[(x, -1 / x.data)]"),
    (AUTOGRAD, "result.grad = 1.0", "result.grad = result.data"),
]


@pytest.mark.parametrize("path", DIFFERENCE, ids=lambda path: path.name)
def test_the_pages_slopes_are_right(path):
    assert DIFFERENCE[path](page(path)) < 1e-8


@pytest.mark.parametrize(("path", "old", "new"), FAULTS)
def test_the_pages_check_notices(path, old, new):
    assert not DIFFERENCE[path](page(path, old, new)) < 1e-5


@pytest.mark.parametrize("filters", [False, True])
def test_the_lines_of_pytorch_train_a_network(filters, monkeypatch, capsys):
    torch = pytest.importorskip("torch", reason="needs PyTorch, of the extra 'benchmark'")
    lines, model = re.findall(r"```python\n((?:import|from) torch.*?)```", prose(read(AUTOGRAD)), re.DOTALL)
    if filters:  # as the page says: another model, and a smaller rate
        assert "set `lr=0.05`" in prose(read(AUTOGRAD))
        before, after = re.split(r"^model = .*\n", lines, flags=re.MULTILINE)
        lines = before + model + after.replace("lr=0.1", "lr=0.05")
    digits = mnistlib.load_data("sample")
    monkeypatch.setattr(mnistlib, "load_data", lambda: digits)
    torch.manual_seed(1)
    names = {}
    exec(lines, names)
    assert sum(p.numel() for p in names["model"].parameters()) == (37_610 if filters else 101_770)
    share = float(names["right"].float().mean())
    assert share > 0.75  # one epoch on 10,000 drawn digits
    assert f"{share:.4f}"[:5] in capsys.readouterr().out

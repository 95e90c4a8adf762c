"""mnistlib.plumbing.progress: one line in a notebook or a terminal, gone when the work is done."""

import html
import sys
import threading
import types

import IPython
import IPython.display
import pytest

from mnistlib.plumbing.progress import Bar, progress


@pytest.fixture
def line_below_cell(monkeypatch):
    """As in a notebook: the pages that the line below the cell has shown, one after another."""
    pages = []

    def show(data, raw, **_):
        assert raw
        pages.append(data["text/html"])
        return types.SimpleNamespace(update=show)

    monkeypatch.setattr(IPython.display, "display", show)
    monkeypatch.setattr(IPython, "get_ipython", lambda: types.SimpleNamespace(kernel=object()))
    return pages


def on_screen(text):
    """What a terminal's line shows after this text: a carriage return goes back to its start."""
    line = ""
    for part in text.split("\r"):
        line = part + line[len(part) :]
    return line.rstrip()


def half_done():
    bar = progress(3, "reading", unit="file")
    bar.update(2)
    bar.set_postfix_str("loss < 0.5")
    bar.refresh()
    return bar


WORDS = ("reading", "2/3", "file", "loss < 0.5")


def test_notebook_shows_the_work_and_empties_the_line(line_below_cell, capsys):
    bar = half_done()
    assert all(html.escape(words) in line_below_cell[-1] for words in WORDS)
    bar.close()
    assert line_below_cell[-1] == ""
    assert capsys.readouterr() == ("", "")


def test_notebook_stores_nothing_of_the_bar(run_cells):
    cell = """
from mnistlib.plumbing.progress import progress
with progress(3, "reading") as bar:
    bar.update(1)
    bar.refresh()
"""
    ((output,),) = run_cells(cell)
    assert (output.output_type, dict(output.data)) == ("display_data", {"text/html": ""})


@pytest.mark.parametrize(
    "ipython",
    [None, types.SimpleNamespace(get_ipython=lambda: None), types.SimpleNamespace(get_ipython=object)],
    ids=["not imported", "python", "ipython"],
)
def test_terminal_shows_the_work_on_stderr_and_clears_the_line(ipython, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setattr(threading.Thread, "start", None)  # a browser's Python cannot start any
    monkeypatch.setattr(Bar, "monitor", None)
    bar = half_done()
    out, err = capsys.readouterr()
    assert out == ""
    assert all(words in on_screen(err) for words in WORDS)
    bar.close()
    assert on_screen(err + capsys.readouterr().err) == ""


def test_disabled_it_shows_nothing(line_below_cell, capsys):
    bar = progress(3, disable=True)
    bar.update()
    bar.set_postfix_str("loss 0.5")
    bar.close()
    assert line_below_cell == []
    assert capsys.readouterr() == ("", "")

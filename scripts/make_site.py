"""The course's website: build/site, from the stored notebooks, README.md and docs/. Nothing is executed.

The project is copied to build/site-source, and its notebooks are made ready there; Sphinx does the rest
(docs/site/conf.py). A warning of Sphinx's is an error. Then JupyterLite is added (scripts/make_lite.py).
No page asks another host for anything, except for JupyterLite's Python, unless the variable PYODIDE names a
folder that has it.
"""

import html
import json
import os
import re
import shutil
import subprocess
import sys

import nbformat
import numpy as np
from common import ROOT, copy_project
from links import CELLS, lesson, settings
from make_frames import make_frames
from make_lite import build_lite
from matplotlib.figure import Figure
from nbformat.v4 import new_markdown_cell

from mnistlib.pen import rasterise, sample_strokes

SOURCE, SITE = ROOT / "build" / "site-source", ROOT / "build" / "site"
WIDGET = "application/vnd.jupyter.widget-view+json"
# Whom the pads on the pages ask, where no kernel runs
PADS = {
    "03": "On this page the pad asks a network of the same sizes, with new random weights each time.",
    "09": "This pad is live: the network that comes with the course runs in your browser.",
    "other": "On this page the pad asks the network that comes with the course; in the notebook, your own.",
}
# What is said of notebooks that a browser computes slowly
SLOW = {
    "06": "Its trainings take very long there: it needs Python on a real computer.",
    "07": "Its trainings take more than a quarter of an hour there: better with Python on a real computer.",
    "08": "In all it computes for about five minutes there.",
    "10": "In all it computes for about two minutes there.",
}
# The explorations that live-explore.js turns: what begins the stored words, and where the sliders start
ALIVE = {
    "Neuron": re.compile(r"Neuron\(weight=(\S+), bias=(\S+), input=(\S+)\)"),
    "Softmax": re.compile(r"Softmax\((\S+), (\S+), (\S+), (\S+)\)"),
    "steps": re.compile(r"Steps\(.* step (\d)\)"),
    "valley-1": re.compile(r"Valley\(1 weight, learning rate (\S+):"),
    "valley-2": re.compile(r"Valley\(2 weights, learning rate (\S+):"),
}
# Of MathJax's many forms (24 MB) the pages load this one, and its fonts.
MATHJAX = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions")


def stage():
    """Everything that the site is made of, in build/site-source."""
    shutil.rmtree(SOURCE, ignore_errors=True)
    copy_project(SOURCE)
    shutil.copy(ROOT / "docs" / "site" / "index.md", SOURCE)
    for path in (SOURCE / "notebooks").glob("*.ipynb"):
        nbformat.write(web_page(path), path)
    static = SOURCE / "_static"
    static.mkdir()
    for name in ("pad/sketchpad.js", "pad/sketchpad.css", "explore/words.css", "pretrained/digits.npz"):
        shutil.copy(ROOT / "mnistlib" / name, static)
    social_picture(static / "social.png")
    (static / "samples.json").write_text(json.dumps(samples()), encoding="utf-8")
    make_frames(static)


def social_picture(path):
    """What a messenger shows beside a link to the course: 1200 × 630 pixels, a digit and the title."""
    figure = Figure(figsize=(12, 6.3), facecolor="black")
    axes = figure.add_axes((0.04, 0.1, 0.42, 0.8))
    axes.imshow(rasterise(sample_strokes(3, seed=1)), cmap="gray")
    axes.axis("off")
    title = "How does a\nneural network\nreally work?"
    figure.text(0.48, 0.5, title, color="white", size=44, weight="bold", va="center", linespacing=1.3)
    figure.savefig(path, dpi=100)


def samples():
    """For each digit four drawings, for the keys 0 to 9 of the pad: lists of strokes, in the pad's units."""

    def drawing(digit, seed):
        return [np.round(stroke, 1).tolist() for stroke in sample_strokes(digit, seed=seed)]

    return [[drawing(digit, seed) for seed in range(4)] for digit in range(10)]


def web_page(path):
    """A notebook as its page shows it: one link instead of the cells for those who run it; a live pad."""
    notebook, with_code = lesson(path)
    pads = 0
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = cell.source.replace("(../README.md", "(../index.md")  # which includes it
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            words = shown["text/plain"] if WIDGET in shown else ""
            pads += words == "SketchPad()"
            if words == "SketchPad()" and pads == 1:  # later ones show a certain drawing, or another network
                output["data"] = {"text/html": live_pad(cell.source, path.name)}
            for kind, pattern in ALIVE.items():
                if found := pattern.match(words):
                    output["data"] = {"text/html": live_exploration(kind, found.groups(), output)}
    if with_code:
        lite, slow = f"../lite/lab/index.html?path=notebooks/{path.name}", SLOW.get(path.name[:2], "")
        words = f'<p><a href="{lite}">Run this notebook in your browser</a>: nothing to install; '
        words += f"the start takes a minute. {slow}</p>"
        notebook.cells.insert(1, new_markdown_cell(words, id=CELLS[0]))
    return notebook


def live_pad(source, name):
    """The HTML of a pad that works without a kernel, instead of the one that the cell's source shows."""
    sample = re.search(r"sample_strokes\((\d)", source)
    data = f'data-sample="{sample[1] if sample else 3}"'
    data += ' data-network="random"' if name.startswith("03") else ' data-network="digits.npz"'
    data += " data-keeps" if name.startswith("09") else ""
    whose = PADS.get(name[:2], PADS["other"])
    return f'<div class="live-pad" {data}></div><p class="live-pad-whose">{whose}</p>'


def live_exploration(kind, start, output):
    """The HTML of an exploration that works without a kernel; until it does, it is the stored picture."""
    alt, width = (output["metadata"]["image/png"][name] for name in ("alt", "width"))
    png = output["data"]["image/png"].replace("\n", "")
    image = f'<img src="data:image/png;base64,{png}" alt="{html.escape(alt)}" width="{width}">'
    return f'<div class="live-exploration" data-kind="{kind}" data-start="{" ".join(start)}">{image}</div>'


def web_address():
    """Where GitHub publishes the site: https://owner.github.io/name/, or "" while no address is known."""
    on_github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", settings()[0])
    return f"https://{on_github[1].lower()}.github.io/{on_github[2]}/" if on_github else ""


def run_sphinx(folder, *options):
    """Let Sphinx make the site's source into pages in that folder."""
    sphinx = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs/site", *options]
    if subprocess.run([*sphinx, SOURCE, folder], cwd=ROOT, check=False).returncode != 0:
        sys.exit("Sphinx found something wrong; its warnings above say where.")


def main():
    stage()
    shutil.rmtree(SITE, ignore_errors=True)
    run_sphinx(SITE)
    mathjax = SITE / "_static" / "mathjax"
    for path in mathjax.rglob("*"):
        if path.is_file() and not path.relative_to(mathjax).as_posix().startswith(MATHJAX):
            path.unlink()
    build_lite(SITE / "lite", os.environ.get("PYODIDE"))
    print(f"The site is in {SITE.relative_to(ROOT)}: open index.html through a web server, for example with")
    print(f"  {sys.executable} -m http.server --bind 127.0.0.1 --directory {SITE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

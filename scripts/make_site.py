"""The course's website: build/site, from the stored notebooks, README.md and docs/. Nothing is executed.

usage: python scripts/make_site.py [--pyodide FOLDER]

The pages are copied to build/site-source and made ready there; Sphinx does the rest (docs/site/conf.py). A
warning of Sphinx's is an error. Then JupyterLite is added (scripts/make_lite.py). No page asks another host
for anything, except for JupyterLite's Python, unless --pyodide names a folder that has it.
"""

import argparse
import html
import json
import os
import re
import shutil
import subprocess
import sys

import numpy as np
from common import ROOT, notebook_paths
from links import CELLS, settings
from make_frames import make_frames
from make_lite import build_lite
from matplotlib.figure import Figure

from mnistlib.pen import rasterise, sample_strokes

SOURCE, SITE = ROOT / "build" / "site-source", ROOT / "build" / "site"
TEXTS = [
    "README.md",
    "CONTRIBUTING.md",
    "data/README.md",
    "mnistlib/pretrained/MODEL_CARD.md",
    *(path.relative_to(ROOT).as_posix() for path in (ROOT / "docs").glob("*.md")),
]
LINK = re.compile(r"\]\(([^)#:\s]+)")  # what Markdown links to, if it is a file
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
    for name in TEXTS:
        copy(name)
        for link in LINK.findall((ROOT / name).read_text(encoding="utf-8")):
            target = (ROOT / name).parent / link
            if target.is_file() and target.suffix not in (".md", ".ipynb"):
                copy(target.resolve().relative_to(ROOT))
    shutil.copy(ROOT / "docs" / "site" / "index.md", SOURCE)
    (SOURCE / "notebooks").mkdir(exist_ok=True)
    for path in notebook_paths():
        text = path.read_text(encoding="utf-8").replace("(../README.md", "(../index.md")  # which includes it
        page = web_page(json.loads(text), path.stem)
        (SOURCE / "notebooks" / path.name).write_text(json.dumps(page), encoding="utf-8")
    (SOURCE / "_static").mkdir()
    for name in ("pad/sketchpad.js", "pad/sketchpad.css", "explore/words.css", "pretrained/digits.npz"):
        shutil.copy(ROOT / "mnistlib" / name, SOURCE / "_static")
    social_picture(SOURCE / "_static" / "social.png")
    (SOURCE / "_static" / "samples.json").write_text(json.dumps(samples()), encoding="utf-8")
    make_frames(SOURCE / "_static")


def copy(name):
    """Copy a file of the repository to the same place in the source."""
    (SOURCE / name).parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(ROOT / name, SOURCE / name)


def social_picture(path):
    """What a messenger shows beside a link to the course: 1200 × 630 pixels, a digit and the title."""
    figure = Figure(figsize=(12, 6.3), facecolor="black")
    axes = figure.add_axes((0.04, 0.1, 0.42, 0.8))
    axes.imshow(rasterise(sample_strokes(3, seed=1)), cmap="gray")
    axes.axis("off")
    title = "How does a\nneural network\nreally work?"
    figure.text(0.48, 0.5, title, color="white", size=44, weight="bold", va="center", linespacing=1.3)
    figure.savefig(path, dpi=100)


def samples(each=4):
    """For each digit a few drawings, for the keys 0 to 9 of the pad: lists of strokes, in the pad's units."""
    return [
        [
            [np.round(stroke, 1).tolist() for stroke in sample_strokes(digit, seed=seed)]
            for seed in range(each)
        ]
        for digit in range(10)
    ]


def web_page(notebook, name):
    """The notebook as its page shows it: one link instead of the cells for those who run it; a live pad."""
    first, *others = [cell for cell in notebook["cells"] if cell["id"] not in CELLS]
    doors = [lite_link(name)] if any(cell["cell_type"] == "code" for cell in others) else []
    notebook["cells"] = [first, *doors, *others]
    pads = 0
    for cell in others:
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            words = "".join(shown.get("text/plain", "")) if WIDGET in shown else ""
            pads += words == "SketchPad()"
            if words == "SketchPad()" and pads == 1:  # later ones show a certain drawing, or another network
                output["data"] = {"text/html": live_pad("".join(cell["source"]), name)}
            for kind, pattern in ALIVE.items():
                if found := pattern.match(words):
                    output["data"] = {"text/html": live_exploration(kind, found.groups(), output)}
    return notebook


def lite_link(name):
    """A cell with the link that opens the notebook in JupyterLite."""
    link = (
        f'<a href="../lite/lab/index.html?path=notebooks/{name}.ipynb">Run this notebook in your browser</a>'
    )
    words = f"<p>{link}: nothing to install; the start takes a minute. {SLOW.get(name[:2], '')}</p>"
    return {"cell_type": "markdown", "id": CELLS[0], "metadata": {}, "source": words}


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
    still = output["metadata"]["image/png"]
    png = "".join(output["data"]["image/png"].split())
    alt = html.escape(still["alt"])
    image = f'<img src="data:image/png;base64,{png}" alt="{alt}" width="{still["width"]}">'
    return f'<div class="live-exploration" data-kind="{kind}" data-start="{" ".join(start)}">{image}</div>'


def web_address():
    """Where GitHub publishes the site: https://owner.github.io/name/, or "" while no address is known."""
    on_github = re.fullmatch(r"https://github\.com/([^/]+)/([^/]+)", settings(ROOT)[0])
    return f"https://{on_github[1].lower()}.github.io/{on_github[2]}/" if on_github else ""


def only_the_mathjax_in_use():
    """Leave out of the built site what none of its pages loads."""
    folder = SITE / "_static" / "mathjax"
    kept = [folder / name for name in MATHJAX]
    for path in folder.rglob("*"):
        if path.is_file() and not any(path == keep or keep in path.parents for keep in kept):
            path.unlink()


def main():
    parser = argparse.ArgumentParser(description="Build the course's website.")
    parser.add_argument("--pyodide", default=os.environ.get("PYODIDE"), help="a folder with Pyodide")
    options = parser.parse_args()
    stage()
    shutil.rmtree(SITE, ignore_errors=True)
    sphinx = ["-m", "sphinx", "-q", "-W", "--keep-going", "-c", "docs/site", SOURCE, SITE]
    built = subprocess.run([sys.executable, *sphinx], cwd=ROOT, check=False).returncode
    if built != 0:
        sys.exit("Sphinx found something wrong; its warnings above say where.")
    only_the_mathjax_in_use()
    build_lite(SITE / "lite", options.pyodide)
    print(f"The site is in {SITE.relative_to(ROOT)}: open index.html through a web server, for example with")
    print(f"  {sys.executable} -m http.server --bind 127.0.0.1 --directory {SITE.relative_to(ROOT)}")


if __name__ == "__main__":
    main()

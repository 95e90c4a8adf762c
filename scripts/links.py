"""The front doors: write the links to Binder and Colab, and Colab's first cell, from one setting.

usage: python scripts/links.py [--check]

The setting is [tool.course] in pyproject.toml: `repository`, this repository's address on GitHub, and
`branch`. From it come README's `git clone` line and two cells below the head of every notebook with code: one
with the links, and one that fetches the course where Google Colab has opened the notebook alone. As long as
the address is empty there are no links, and "<this repository>" stands for it. --check writes nothing and
fails if a file is not up to date.
"""

import re
import sys
import tomllib
from urllib.parse import quote

import nbformat
from common import ROOT, notebook_paths
from nbformat.v4 import new_code_cell, new_markdown_cell

PLACEHOLDER = "<this repository>"
CELLS = ("front-doors", "colab")  # the ids of the two cells
COLABS_OWN = {"jupyterlab", "ipywidgets"}  # another version of Jupyter beside Colab's own would do harm

COLAB_CELL = """\
# For Google Colab only: fetches the rest of the course
import os
import subprocess
import sys

if "google.colab" in sys.modules and not os.path.isdir("../mnistlib"):
    fetch = "test -d course || git clone --quiet --depth 1 --branch {branch} '{repository}' course"
    install = "pip install --quiet {packages}"
    subprocess.run(f"{{fetch}} && {{install}}", shell=True, check=True)
    os.chdir("course/notebooks")
    sys.path.insert(0, os.path.abspath(".."))"""


def settings():
    """(repository, branch, packages that Colab lacks) from pyproject.toml; repository "" if not known yet."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    repository, branch = (project["tool"]["course"][key] for key in ("repository", "branch"))
    if repository and not re.fullmatch(r"https://github\.com/[\w.-]+/[\w.-]+", repository):
        sys.exit(f"pyproject.toml: repository = {repository!r} is not like https://github.com/owner/name")
    if not re.fullmatch(r"[\w.-]+(/[\w.-]+)*", branch):
        sys.exit(f"pyproject.toml: branch = {branch!r} is not the name of a branch")
    names = [re.match(r"[\w.-]+", line)[0] for line in project["project"]["dependencies"]]
    return repository, branch, " ".join(name for name in names if name not in COLABS_OWN)


def lesson(path):
    """A notebook without the two cells, and whether there is code in it."""
    notebook = nbformat.read(path, 4)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in CELLS]
    return notebook, any(cell.cell_type == "code" for cell in notebook.cells)


def head_cells(page):
    """The two cells of the notebook of that file name."""
    repository, branch, packages = settings()
    words = "*Only Google Colab needs the next cell: it fetches the course. Anywhere else it does nothing.*"
    if repository:
        path = repository.removeprefix("https://github.com/")
        lab = quote(f"lab/tree/notebooks/{page}", safe="")
        binder = f"https://mybinder.org/v2/gh/{path}/{quote(branch, safe='')}?urlpath={lab}"
        colab = f"https://colab.research.google.com/github/{path}/blob/{branch}/notebooks/{page}"
        words = f"Open this notebook in [Binder]({binder}) or [Colab]({colab}). {words}"
    code = COLAB_CELL.format(repository=repository or PLACEHOLDER, branch=branch, packages=packages)
    # Folded in JupyterLab and Notebook 7: it is no part of the lesson. Wherever it has run, it was the first.
    options = {"metadata": {"jupyter": {"source_hidden": True}}, "execution_count": 1}
    return new_markdown_cell(words, id=CELLS[0]), new_code_cell(code, id=CELLS[1], **options)


def with_head_cells(path):
    """A notebook's text with its two cells below the first one, if there is code in it."""
    notebook, with_code = lesson(path)
    notebook.cells[1:1] = head_cells(path.name) if with_code else []
    return nbformat.writes(notebook) + "\n"


def up_to_date():
    """{path: text} of README and the notebooks, as they should be."""
    readme = ROOT / "README.md"
    clone = rf"\1{settings()[0] or PLACEHOLDER}\2"
    text = re.sub(r"(?m)^( +git clone ).*( mnist-from-scratch)$", clone, readme.read_text(encoding="utf-8"))
    return {readme: text} | {path: with_head_cells(path) for path in notebook_paths()}


def main(check):
    texts = up_to_date()
    changed = [path for path, text in texts.items() if path.read_text(encoding="utf-8") != text]
    for path in changed:
        print(f"{path.relative_to(ROOT)}: {'not up to date' if check else 'written'}")
        if not check:
            path.write_text(texts[path], encoding="utf-8")
    if changed and check:
        sys.exit("run scripts/links.py")


if __name__ == "__main__":
    main("--check" in sys.argv)

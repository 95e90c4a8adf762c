"""JupyterLite for the website: the course in a browser, Python and all, without an installation.

`make site` calls this; it fills build/site/lite. Pyodide, which is Python for browsers, comes from its CDN
when a notebook is opened. With `make site PYODIDE=folder` the site holds its own, for a school without a
network: the folder of an unpacked Pyodide distribution, of the version that the kernel was made for (0.27.7
for jupyterlite-pyodide-kernel 0.6.1).
"""

import importlib.metadata
import json
import shutil
import subprocess
import sys
import zipfile

import nbformat
from common import ROOT, notebook_paths
from links import lesson
from nbformat.v4 import new_code_cell

LITE = ROOT / "build" / "lite"  # what JupyterLite is built from
# What mnistlib needs and Pyodide has, and what it has not: those are taken from this environment.
IN_PYODIDE = ["numpy", "matplotlib", "tqdm", "threadpoolctl", "typing-extensions"]
NOT_IN_PYODIDE = [
    "anywidget", "comm", "filelock", "ipywidgets", "jupyterlab_widgets", "platformdirs", "psygnal",
]  # fmt: skip

# JupyterLab's settings, in which its version for browsers is behind
LAB = {
    "@jupyterlab/notebook-extension:tracker": {"windowingMode": "defer"},  # widgets stay when scrolled away
    "@jupyterlab/apputils-extension:themes": {"adaptive-theme": True},  # dark where the system is
}

FIRST_CELL = f"""\
# For JupyterLite only: fetches what the course needs
import logging
import sys
import time
import warnings

import piplite

await piplite.install("{" ".join(NOT_IN_PYODIDE + IN_PYODIDE)}".split(), deps=False)
sys.path.insert(0, "..")
logging.getLogger("matplotlib.font_manager").setLevel("ERROR")  # no word about its fonts
warnings.filterwarnings("ignore", "only soft file lock")  # nor about locks: nobody else writes here
time.process_time = time.perf_counter  # a browser's own clock for this stands still for a millisecond"""


def wheel(name, folder):
    """Pack an installed package into a wheel again, without compiled parts: psygnal has both forms."""
    package = importlib.metadata.distribution(name)
    stem = f"{package.metadata['Name'].replace('-', '_')}-{package.version}"
    path = folder / f"{stem}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in package.files:
            inside = not file.as_posix().startswith("..") and "__pycache__" not in file.parts
            if inside and file.suffix not in (".so", ".pyd") and file.name != "WHEEL":
                archive.write(file.locate(), file.as_posix())
        text = "Wheel-Version: 1.0\nGenerator: make_lite\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        archive.writestr(f"{stem}.dist-info/WHEEL", text)
    return path


def contents(folder):
    """The notebooks, without outputs, mnistlib and the sample, in folders as in the repository."""
    (folder / "notebooks").mkdir(parents=True)
    for path in notebook_paths():
        notebook, with_code = lesson(path)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                cell |= {"outputs": [], "execution_count": None}
        if with_code:
            folded = {"jupyter": {"source_hidden": True}}
            notebook.cells.insert(1, new_code_cell(FIRST_CELL, id="jupyterlite", metadata=folded))
        nbformat.write(notebook, folder / "notebooks" / path.name)
    shutil.copytree(ROOT / "mnistlib", folder / "mnistlib", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "data" / "sample", folder / "data" / "sample")


def build_lite(output, pyodide=None):
    """Build JupyterLite into the folder `output`. pyodide: a folder with Pyodide, or None for its CDN."""
    shutil.rmtree(LITE, ignore_errors=True)
    contents(LITE / "files")
    wheels = LITE / "wheels"
    wheels.mkdir()
    kernel = {"disablePyPIFallback": True}
    settings = {"litePluginSettings": {"@jupyterlite/pyodide-kernel-extension:kernel": kernel}}
    page = {"jupyter-lite-schema-version": 0, "jupyter-config-data": settings}
    (LITE / "jupyter-lite.json").write_text(json.dumps(page), encoding="utf-8")
    (LITE / "overrides.json").write_text(json.dumps(LAB), encoding="utf-8")
    if pyodide:
        shutil.copytree(pyodide, LITE / "static" / "pyodide")
    options = "--contents files --apps lab --no-sourcemaps --no-unused-shared-packages --output-dir"
    command = [sys.executable, "-m", "jupyter", "lite", "build", *options.split(), output]
    for name in NOT_IN_PYODIDE:
        command += ["--piplite-wheels", wheel(name, wheels)]
    built = subprocess.run(command, cwd=LITE, capture_output=True, text=True, check=False)
    if built.returncode != 0:
        sys.exit(f"JupyterLite was not built:\n{built.stdout}{built.stderr}")

"""Other ways in: Binder, Google Colab, a dev container. And: our own warnings are errors, everywhere."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import warnings
from urllib.parse import unquote

import nbformat
import pytest
import yaml
from common import environment
from course import NOTEBOOKS, PAGES, ROOT, read
from nbclient import NotebookClient
from numpy.exceptions import VisibleDeprecationWarning
from packaging.requirements import Requirement

DOORS = ("front-doors", "colab")
LINK = re.compile(r"\]\((https://(?:mybinder|colab)[^)]*)\)")
WITH_CODE = [path for path in PAGES if path.name != "glossary.ipynb"]


def cell_of(path, name):
    """The cell of that id in a notebook."""
    (found,) = [cell for cell in read(path)["cells"] if cell["id"] == name]
    return found


# ---- links, from one place --------------------------------------------------------------------------------


@pytest.fixture
def copy(tmp_path):
    """Function of an address and a branch: a copy of the project's pages that has them."""

    def make(repository, branch="main"):
        shutil.copy(ROOT / "README.md", tmp_path)
        for folder in ("notebooks", "scripts"):
            shutil.copytree(ROOT / folder, tmp_path / folder, dirs_exist_ok=True)
        text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
        text = re.sub(r'(?m)^repository = ".*"$', f'repository = "{repository}"', text)
        text = re.sub(r'(?m)^branch = ".*"$', f'branch = "{branch}"', text)
        (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
        return tmp_path

    return make


@pytest.fixture(scope="module")
def checkout():
    """The project as git gives it to others; without git the test is skipped."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("needs git, and a git checkout of this project")
    return lambda place: subprocess.run(["git", "clone", "--quiet", str(ROOT), str(place)], check=True)


def links(root, *options):
    """Run the script of a copy."""
    command = [sys.executable, str(root / "scripts" / "links.py"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_links_are_up_to_date():
    result = links(ROOT, "--check")
    assert result.returncode == 0, result.stdout + result.stderr


def test_an_address_gives_the_right_links_and_changes_nothing_else(copy):
    root = copy("https://github.com/ann/digits", "release/2")
    assert links(root, "--check").returncode != 0  # not up to date any more
    assert links(root).returncode == 0
    assert links(root, "--check").returncode == 0
    readme = (root / "README.md").read_text(encoding="utf-8")
    assert "    git clone https://github.com/ann/digits mnist-from-scratch\n" in readme
    assert "<this repository>" not in readme
    binder = "https://mybinder.org/v2/gh/ann/digits/release%2F2?urlpath="
    for path in WITH_CODE:
        here = root / "notebooks" / path.name
        to_binder, to_colab = LINK.findall(cell_of(here, "front-doors")["source"])
        assert to_colab.endswith(f"/github/ann/digits/blob/release/2/notebooks/{path.name}")
        assert to_binder.startswith(binder)
        assert unquote(to_binder.removeprefix(binder)) == f"lab/tree/notebooks/{path.name}"
        assert "--branch release/2 'https://github.com/ann/digits' course" in cell_of(here, "colab")["source"]
        before, after = ([c for c in read(p)["cells"] if c["id"] not in DOORS] for p in (path, here))
        assert before == after


@pytest.mark.parametrize("address", ["ann/digits", "https://github.com/ann", "https://x.org/a/b'; rm -r c"])
def test_what_is_no_address_is_refused_and_nothing_written(copy, address):
    root = copy(address)
    before = (root / "README.md").read_text(encoding="utf-8")
    result = links(root)
    assert result.returncode != 0
    assert "is not like https://github.com/owner/name" in result.stderr
    assert (root / "README.md").read_text(encoding="utf-8") == before


# ---- Google Colab -----------------------------------------------------------------------------------------


LIKE_COLAB = """
import os, sys, types
sys.modules["google"] = types.ModuleType("google")
sys.modules["google.colab"] = types.ModuleType("google.colab")
cell = open(os.environ["CELL"], encoding="utf-8").read()
exec(cell)
exec(cell)  # run twice
import mnistlib
print(mnistlib.__file__, os.getcwd(), len(mnistlib.load_data("sample").test_labels), mnistlib.pretrained())
"""


@pytest.fixture
def colab(tmp_path, copy, checkout):
    """Function: run the notebooks' cell as in Colab, where git finds this checkout at an address."""
    if not shutil.which("sh"):
        pytest.skip("needs a shell")
    origin, content, tools = (tmp_path / name for name in ("origin", "content", "tools"))
    content.mkdir()
    tools.mkdir()
    checkout(origin)
    subprocess.run(["git", "-C", str(origin), "checkout", "--quiet", "-B", "main"], check=True)
    root = copy("https://github.com/ann/digits")
    links(root)
    (tmp_path / "cell.py").write_text(cell_of(root / "notebooks" / NOTEBOOKS[0].name, "colab")["source"])
    (tools / "pip").write_text(f'#!/bin/sh\necho "$@" >> "{tmp_path}/pip.txt"\n')
    (tools / "pip").chmod(0o755)
    variables = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    variables |= {"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}", "CELL": str(tmp_path / "cell.py")}
    # git's own way to find an address elsewhere
    variables |= {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_VALUE_0": "https://github.com/ann/digits"}
    variables["GIT_CONFIG_KEY_0"] = f"url.file://{origin}.insteadOf"

    def run():
        return subprocess.run(
            [sys.executable, "-P", "-c", LIKE_COLAB],
            cwd=content, env=variables, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    run.content, run.origin, run.pip = content, origin, tmp_path / "pip.txt"
    return run


def test_in_colab_the_cell_fetches_the_course_once(colab):
    result = colab()
    assert (result.returncode, result.stderr) == (0, "")
    file, folder, *_ = result.stdout.splitlines()[-1].split()
    assert file == str(colab.content / "course" / "mnistlib" / "__init__.py")
    assert folder == str(colab.content / "course" / "notebooks")
    assert "from data/sample." in result.stdout
    (installed,) = colab.pip.read_text().splitlines()  # the second run of the cell did nothing
    # what Colab lacks is installed, and its own Jupyter left alone
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    names = {Requirement(line).name for line in project["dependencies"]} - {"jupyterlab", "ipywidgets"}
    assert installed.split()[:2] == ["install", "--quiet"]
    assert set(installed.split()[2:]) == names
    # and a kernel that is started anew fetches nothing again
    shutil.rmtree(colab.origin)
    result = colab()
    assert result.returncode == 0, result.stderr


def test_in_colab_a_failed_fetch_stops_there(colab):
    shutil.rmtree(colab.origin)
    result = colab()
    assert result.returncode != 0
    assert "CalledProcessError" in result.stderr
    assert "git clone" in result.stderr
    assert not colab.pip.exists()


def test_elsewhere_the_cell_does_nothing(tmp_path):
    source = cell_of(NOTEBOOKS[0], "colab")["source"]
    check = "import os, sys\nbefore = os.getcwd(), list(sys.path), set(os.environ)\n" + source
    check += "\nassert before == (os.getcwd(), list(sys.path), set(os.environ))"
    check += "\nassert not os.listdir()"
    variables = {**os.environ, "PATH": ""}  # no git, no pip, no shell
    subprocess.run([sys.executable, "-c", check], cwd=tmp_path, env=variables, check=True)


# ---- Binder -----------------------------------------------------------------------------------------------


@pytest.fixture
def build_pack(checkout, tmp_path, monkeypatch):
    """What Binder's builder, repo2docker, takes the project for. It looks at the working directory."""
    pytest.importorskip("repo2docker", reason="needs repo2docker, of the extra 'binder'")
    from repo2docker.app import Repo2Docker

    checkout(tmp_path / "project")  # without .venv and the like
    shutil.copy(ROOT / "environment.yml", tmp_path / "project")
    monkeypatch.chdir(tmp_path / "project")
    builder = Repo2Docker()
    for kind in builder.buildpacks:
        pack = kind(base_image=builder.base_image)
        pack.platform = "linux/amd64"
        if pack.detect():
            return pack
    pytest.fail("repo2docker finds nothing that it could build")


@pytest.mark.binder
def test_binder_knows_that_python_and_installs_the_course(build_pack):
    packages = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    assert type(build_pack).__name__ == "CondaBuildPack"
    assert build_pack.environment_yaml == packages
    assert f"python={build_pack.python_version}" in packages["dependencies"]
    assert not build_pack.separate_kernel_env
    assert not build_pack.uses_r
    # It has a frozen base for each Python that it supports, and refuses the others here
    files = build_pack.get_build_script_files()
    assert any(f"py-{build_pack.python_version}-" in name for name in files)
    # mnistlib is installed from the checkout, which must therefore be there before the packages
    assert not build_pack._should_preassemble_env
    dockerfile = build_pack.render(build_args={})
    copied = dockerfile.index("COPY --chown=1000:1000 src/ ${REPO_DIR}")
    assert copied < dockerfile.index('env update -p ${NB_PYTHON_PREFIX} --file "environment.yml"')


# ---- the dev container ------------------------------------------------------------------------------------


def test_dev_container():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text(encoding="utf-8"))
    python = re.fullmatch(r"python:(3\.\d+)-\w+", settings["image"])[1]
    assert f"python={python}" in (ROOT / "environment.yml").read_text(encoding="utf-8")
    goal = settings["postCreateCommand"].removeprefix("make ")
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert re.search(rf"^{goal}:", makefile, re.MULTILINE)
    kernel = settings["customizations"]["vscode"]["settings"]["python.defaultInterpreterPath"]
    folder = re.search(r"^BIN := (.*)", makefile, re.MULTILINE)[1]
    assert kernel == f"${{containerWorkspaceFolder}}/{folder}/python"
    assert set(settings["containerEnv"]) <= set(re.findall(r"\$\((\w+)\)", makefile))


# ---- warnings of our own code are errors ------------------------------------------------------------------

# A function of another package that warns: about the line that calls it (2), or about itself (1)
OTHER = """
other = {"__name__": "other.package", "warnings": warnings}
exec("def old(level): warnings.warn('old', DeprecationWarning, level)", other)
"""

# {what a cell does: the error that it must end with, or None}
CELLS = {
    "import warnings\nimport numpy as np" + OTHER: None,
    "warnings.warn('old', DeprecationWarning)": "DeprecationWarning",
    "warnings.warn('old', PendingDeprecationWarning)": "PendingDeprecationWarning",
    "warnings.warn('soon different', FutureWarning)": "FutureWarning",
    "warnings.warn('old', np.exceptions.VisibleDeprecationWarning)": "VisibleDeprecationWarning",
    "np.float32(1) / np.float32(0)": "RuntimeWarning",
    "other['old'](2)": "DeprecationWarning",
    "other['old'](1)": None,
    "warnings.warn_explicit('old', FutureWarning, 'f', 1, module='mnistlib')": "FutureWarning",
    "warnings.warn_explicit('old', FutureWarning, 'f', 1, module='mnistlib.plumbing.fast')": "FutureWarning",
    "warnings.warn_explicit('old', FutureWarning, 'f', 1, module='numpy.linalg')": None,
}


def test_warnings_of_our_own_code_are_errors_in_notebooks(monkeypatch):
    for name, value in environment(None).items():  # what scripts/test.py gives to the kernels
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("MPLBACKEND", raising=False)
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in CELLS])
    NotebookClient(notebook, timeout=120, kernel_name="python3", allow_errors=True).execute()
    errors = [[output.ename for output in cell.outputs if "ename" in output] for cell in notebook.cells]
    assert errors == [[name] if name else [] for name in CELLS.values()]


@pytest.mark.parametrize("module", ["mnistlib", "mnistlib.network", "test_network", "conftest", "course"])
@pytest.mark.parametrize("category", [DeprecationWarning, FutureWarning, VisibleDeprecationWarning])
def test_warnings_of_our_own_code_are_errors_in_unit_tests(module, category):
    with pytest.raises(category):
        warnings.warn_explicit("old", category, "file", 1, module=module)

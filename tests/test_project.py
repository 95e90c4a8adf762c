"""The project's own files: packages, imports, commands, and what must never be in the repository."""

import ast
import fnmatch
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib

import pytest
import yaml
from course import ROOT
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import mnistlib

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


@pytest.fixture(scope="module")
def tracked():
    """The files under version control, as paths."""
    if not shutil.which("git") or not (ROOT / ".git").exists():
        pytest.skip("this copy of the project is not a git checkout")
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    names = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split("\0")
    return [ROOT / name for name in names if name and (ROOT / name).exists()]


# ---- packages ---------------------------------------------------------------------------------------------


def requirements(*extras):
    """{name: version specifier} of the core and of some extras in pyproject.toml."""
    lines = PROJECT["dependencies"] + [
        line for extra in extras for line in PROJECT["optional-dependencies"][extra]
    ]
    return {canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in lines}


def pins():
    """{name: version} in constraints.txt."""
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", line) for line in lines)
    pairs = [line.split("==") for line in lines]
    assert len({canonicalize_name(name) for name, _ in pairs}) == len(pairs)
    return {canonicalize_name(name): version for name, version in pairs}


def test_environment_yml_has_the_packages_of_pyproject():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
    names = [entry for entry in environment["dependencies"] if isinstance(entry, str)]
    python = names.pop(0)
    assert re.fullmatch(r"python=3\.\d+", python)
    assert Requirement(f"python{PROJECT['requires-python']}").specifier.contains(python.split("=")[1])
    names.remove("pip")
    conda = {canonicalize_name(Requirement(line).name): Requirement(line).specifier for line in names}
    assert conda == requirements("test")
    assert [entry for entry in environment["dependencies"] if isinstance(entry, dict)] == [
        {"pip": ["--editable ."]}
    ]


def test_every_direct_dependency_has_a_lower_bound_that_its_pin_meets(dependencies):
    pinned = pins()
    for name, specifier in requirements(*dependencies.EXTRAS).items():
        assert [part.operator for part in specifier] == [">="], name
        assert name in pinned
        assert specifier.contains(pinned[name]), f"{name}=={pinned[name]} is not {specifier}"


@pytest.fixture
def dependencies(monkeypatch):
    """scripts/dependencies.py as a module."""
    monkeypatch.syspath_prepend(ROOT / "scripts")
    return importlib.import_module("dependencies")


def test_oldest_packages_are_the_lower_bounds(dependencies):
    extras = {name: [] for name in dependencies.EXTRAS} | {
        "test": ["pytest>=8.2"],
        "benchmark": ["torch>=2.2"],
    }
    project = {"dependencies": ["numpy>=2.0", "tqdm>=4.66"], "optional-dependencies": extras}
    assert dependencies.oldest(project) == ["numpy==2.0", "tqdm==4.66", "pytest==8.2"]


def test_every_extra_but_the_benchmarks_is_tried_out_old_and_new(dependencies):
    assert {*dependencies.EXTRAS, "benchmark"} == set(PROJECT["optional-dependencies"])


def test_package_holds_every_file_of_mnistlib(tracked):
    setuptools = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["setuptools"]
    folders = {path.parent.relative_to(ROOT) for path in (ROOT / "mnistlib").rglob("__init__.py")}
    assert sorted(setuptools["packages"]) == sorted(".".join(folder.parts) for folder in folders)
    globs = [*setuptools["package-data"]["mnistlib"]]
    globs += [f"{folder.relative_to('mnistlib').as_posix()}/*.py".removeprefix("./") for folder in folders]
    for path in tracked:
        if path.is_relative_to(ROOT / "mnistlib"):
            name = path.relative_to(ROOT / "mnistlib")
            assert any(
                name.match(pattern) and len(name.parts) == pattern.count("/") + 1 for pattern in globs
            ), name


# ---- what the repository must not hold --------------------------------------------------------------------

REGISTRY = re.compile(
    r"pypi[.]org|pythonhosted[.]org|npmjs[.]|anaconda[.](?:org|com)|proxy[.]golang|index[-_]url|artif[a]ctory",
    re.I,
)
MACHINE_PATH = re.compile(r"(?<![\w.~])/(?:home|Users|root|work|tmp|mnt|private)/\w|\b[A-Z]:\\+Users")
STORED_PICTURE = re.compile(r'"image/png": "[^"]*"')


def test_no_registry_host_and_no_machine_path(tracked):
    found = []
    for path in tracked:
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue  # a picture, digits or weights
        for number, line in enumerate(STORED_PICTURE.sub("", text).splitlines(), 1):
            for pattern in (REGISTRY, MACHINE_PATH):
                found += [
                    f"{path.relative_to(ROOT)}:{number}: {match[0]}" for match in pattern.finditer(line)
                ]
    assert not found


def test_digits_under_version_control_are_only_the_sample(tracked):
    names = [path.relative_to(ROOT).as_posix() for path in tracked]
    digits = [name for name in names if fnmatch.fnmatch(name, "*ubyte*")]
    assert digits
    assert all(name.startswith("data/sample/") for name in digits)


# ---- the rooms --------------------------------------------------------------------------------------------

# What a room may import, directly or not. plots stands on the ground; pad and explore on top of everything.
# plumbing/files.py is the cellar: it imports nothing, and whoever writes a file imports it.
ROOMS = {
    "files": set(),
    "idx": {"files"},
    "network": {"files"},
    "augment": set(),
    "check": set(),
    "plots": set(),
    "plumbing": {"files", "idx", "network"},
    "pen": {"idx"},
    "datasets": {"idx", "plumbing", "network"},
    "training": {"network", "plumbing", "idx"},
    "sweep": {"training", "network", "datasets", "idx", "plumbing", "files"},
    "pad": {"pen", "idx", "files"},
}
PACKAGE = ROOT / "mnistlib"
FILES = [path for path in PACKAGE.rglob("*.py") if path != PACKAGE / "__init__.py"]


def room_of(path):
    """The room that a file of mnistlib belongs to: its folder, or itself."""
    name = path.relative_to(PACKAGE).with_suffix("").as_posix()
    return "files" if name == "plumbing/files" else name.partition("/")[0]


def imports(path):
    """The other rooms that a file of mnistlib imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name}: write imports in full"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        for name in names:
            package, _, rest = name.partition(".")
            if package == "mnistlib":
                cellar = rest.startswith("plumbing.files")
                found.add("files" if cellar else rest.partition(".")[0])
    return found - {room_of(path)}


def test_rooms_import_one_way():
    for path in FILES:
        if room_of(path) in ROOMS:
            assert imports(path) <= ROOMS[room_of(path)], path


def test_no_room_imports_a_notebook_or_a_test():
    for path in FILES:
        assert not re.search(r"^\s*(from|import) (notebooks|tests|nbformat)", path.read_text("utf-8"), re.M)


def test_public_names():
    promised = {"read_idx", "write_idx", "IdxError", "load_data", "Network", "train", "accuracy"}
    promised |= {"rasterise", "synthetic_digits", "SketchPad", "pretrained"}
    assert promised <= set(mnistlib.__all__)
    assert sorted(mnistlib.__all__) == sorted(set(mnistlib.__all__))
    for name in mnistlib.__all__:
        assert getattr(mnistlib, name).__doc__, name


def test_everything_imported_by_the_package_is_public():
    names = {
        name
        for name, value in vars(mnistlib).items()
        if not name.startswith("_") and hasattr(value, "__doc__")
    }
    modules = {name for name in names if f"mnistlib.{name}" in sys.modules}
    assert names - modules <= set(mnistlib.__all__)


# ---- commands ---------------------------------------------------------------------------------------------


@pytest.fixture
def make():
    if not shutil.which("make"):
        pytest.skip("make is not installed")

    def run(*arguments, **options):
        return subprocess.run(
            ["make", "-C", str(ROOT), "--no-print-directory", *arguments],
            capture_output=True, text=True, check=True, timeout=60, **options,
        ).stdout  # fmt: skip

    return run


def test_make_lab_opens_the_first_notebook(make):
    command = make("-n", "lab").splitlines()[-1].split()
    assert command[:2] == [".venv/bin/jupyter", "lab"]
    assert command[-1] == "notebooks/01-numpy-quickstart.ipynb"
    assert (ROOT / command[-1]).exists()


def test_make_test_runs_the_tests(make):
    command = make("-n", "test").splitlines()[-1].split()
    assert command == [".venv/bin/python", "scripts/test.py"]
    assert (ROOT / command[-1]).exists()


def test_a_notebook_that_is_not_there_is_told():
    command = [sys.executable, str(ROOT / "scripts" / "test.py"), "--lax", "01", "77"]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.returncode != 0
    assert "no notebook begins with 77" in result.stderr


@pytest.mark.parametrize("goal", ["lab", "test"])
def test_make_sets_up_first_when_something_changed(goal, make):
    lines = make("-n", "-W", "pyproject.toml", goal).splitlines()
    assert lines[0] == "sh scripts/setup.sh .venv"


def test_make_passes_on_an_absolute_data_folder(make):
    show = "show:\n\t@echo $$MNIST_DATA_DIR\n"
    environment = {**os.environ, "MNIST_DATA_DIR": "../digits"}
    found = make("-f", "Makefile", "-f", "-", "show", input=show, env=environment).strip()
    assert found == str(ROOT.parent / "digits")


# ---- set-up -----------------------------------------------------------------------------------------------


@pytest.fixture
def set_up(tmp_path):
    """Function of fake Pythons, {command: shell script}: run the set-up with these and no others in sight."""
    if not os.path.exists("/bin/sh"):
        pytest.skip("set-up is a shell script")
    tools = tmp_path / "tools"
    tools.mkdir()
    for tool in ("rm", "mkdir", "cp"):
        (tools / tool).symlink_to(shutil.which(tool))
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "mine").write_text("kept")

    def run(fakes, **variables):
        for name, script in fakes.items():
            (tools / name).write_text(f"#!/bin/sh\n{script}\n")
            (tools / name).chmod(0o755)
        command = ["/bin/sh", str(ROOT / "scripts" / "setup.sh"), ".venv"]
        environment = {"PATH": str(tools), **variables}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
        )

    return run


def python_of_version(*version):
    """A shell script that answers `python -c code` as that version would."""
    return (
        f"""exec "{sys.executable}" -c 'import sys; sys.version_info = {version}; exec(sys.argv[1])' "$2" """
    )


def test_old_python_is_refused_with_advice_and_nothing_touched(set_up, tmp_path):
    result = set_up({"python3": python_of_version(3, 10, 14), "oldest": "exit 1"}, PYTHON="oldest")
    assert result.returncode != 0
    assert "Set-up failed: no Python 3.11 or newer was found." in result.stderr
    assert "make lab PYTHON=" in result.stderr
    assert os.listdir(tmp_path / ".venv") == ["mine"]


def test_no_python_at_all_is_told(set_up, tmp_path):
    result = set_up({})
    assert result.returncode != 0
    assert "no Python 3.11 or newer was found" in result.stderr
    assert os.listdir(tmp_path / ".venv") == ["mine"]


NEW = """case "$1 $2" in
    "-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python" ;;
    "-m pip") [ "$3" = --version ] ;;
    -c*) ;;
    *) echo Python 3.13.1 ;;
esac"""


def test_venv_that_cannot_be_made_is_told(set_up):
    result = set_up({"python3": NEW.replace("mkdir -p", "false")})
    assert result.returncode != 0
    assert "could not make a virtual environment" in result.stderr
    assert "apt install python3-venv" in result.stderr


def test_packages_that_cannot_be_installed_are_told(set_up):
    result = set_up({"python3": NEW})
    assert result.returncode != 0
    assert "pip could not install the packages" in result.stderr
    assert "HTTPS_PROXY" in result.stderr


def test_set_up_takes_the_next_python_that_is_new_enough(set_up):
    install = NEW.replace('[ "$3" = --version ]', 'echo "pip $*"')
    result = set_up({"python3": python_of_version(3, 9, 0), "python3.12": install})
    assert result.returncode == 0, result.stderr
    assert "install" in result.stdout
    assert "--constraint constraints.txt --editable .[test]" in result.stdout


def test_notebooks_are_json_with_a_newline_at_the_end(tracked):
    for path in tracked:
        if path.suffix == ".ipynb":
            text = path.read_text(encoding="utf-8")
            json.loads(text)
            assert text.endswith("}\n"), path.name

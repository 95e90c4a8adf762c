#!/bin/sh
# Makes the virtual environment that `make lab` and `make test` use.
# usage: setup.sh FOLDER [EXTRAS]      e.g. setup.sh .venv test,browser
# Whatever fails, the last lines say what to do about it.
set -u
venv=$1
extras=${2:-test}

fail() {
    printf '\nSet-up failed: %s\n' "$1" >&2
    shift
    printf '  %s\n' "$@" >&2
    exit 1
}

new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
    for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11 python; do
        if new_enough "$candidate"; then
            echo "$candidate"
            return
        fi
    done
}

python=$(find_python)
[ -n "$python" ] || fail "no Python 3.11 or newer was found." \
    "Install one from your system's packages or from python.org," \
    "or name it: make lab PYTHON=/path/to/python3.13"

if [ -n "${PYTHON:-}" ] && [ "$python" != "$PYTHON" ]; then
    echo "PYTHON=$PYTHON is no Python 3.11 or newer; taking $python instead."
fi

if ! new_enough "$venv/bin/python" || ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then
    echo "Making a virtual environment in $venv with $("$python" --version) …"
    rm -rf "$venv"
    "$python" -m venv "$venv" || fail "Python could not make a virtual environment." \
        "On Debian and Ubuntu, install its venv package first: sudo apt install python3-venv"
fi

echo "Installing the course's packages into $venv (a minute or two the first time) …"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".[$extras]" || fail "pip could not install the packages." \
    "Without a network connection? Set-up needs the package index once; afterwards everything works offline." \
    "Behind a proxy? Set HTTPS_PROXY, then run the same command again." \
    "No pre-built package for your Python? Try another one: make lab PYTHON=python3.13"

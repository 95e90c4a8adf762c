#!/bin/sh
# Opens JupyterLab at the first notebook: what `make lab` does once .venv is there.
# usage: lab.sh BIN [options of jupyter lab]
set -u
jupyter=$1/jupyter
first=01-numpy-quickstart.ipynb
shift

# In a container one is root, and JupyterLab refuses to start. It serves this computer alone, so that is all right.
if [ "$(id -u)" = 0 ]; then
    echo "You are root, as one is in a container. JupyterLab listens to this computer alone, so that is all right here."
    set -- --allow-root "$@"
fi

# Without a screen there is no browser to open: the first notebook's address is printed, and JupyterLab waits.
if [ "$(uname)" = Linux ] && [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${BROWSER:-}${WSL_DISTRO_NAME:-}" ]; then
    echo "No screen was found. Open the address that begins with http://localhost below in a browser."
    set -- --no-browser --LabApp.default_url="/lab/tree/$first" "$@"
fi

exec "$jupyter" lab "$@" "notebooks/$first"

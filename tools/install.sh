#!/bin/sh
# Makes .venv with everything that running, testing and developing companion needs. `make install` calls it.
# Versions and hashes stand in requirements/*.lock and package-lock.json; where packages come from is the machine's matter.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}
pip_install=".venv/bin/pip install --quiet --disable-pip-version-check --no-input"

say() { printf '%s\n' "$*" >&2; }
install_system_package() { # NAME: only where nobody has to be asked
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null || return 1
    { apt-get update --quiet && DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet "$1"; } >/dev/null 2>&1
}

if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
    say "Companion needs Python 3.11 or newer; \"$python\" is $("$python" --version 2>&1 || echo missing)."
    say "Name another one: make install PYTHON=python3.12"
    exit 1
fi

if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    say "Making .venv …"
    rm -rf .venv
    "$python" -c 'import ensurepip' 2>/dev/null || install_system_package python3-venv || true
    if ! "$python" -m venv .venv; then
        rm -rf .venv
        say "\"$python\" cannot make virtual environments. On Debian or Ubuntu: sudo apt-get install python3-venv"
        exit 1
    fi
fi

say "Installing what requirements/dev.lock names (a minute the first time) …"
$pip_install --require-hashes --requirement requirements/dev.lock
$pip_install --no-deps --no-build-isolation --editable .

PATH="$PWD/.venv/bin:$PATH"
export PATH
if ! command -v npm >/dev/null; then
    say "There is no npm here: taking the copy of Node.js that comes as a Python package …"
    $pip_install --require-hashes --requirement requirements/node.lock
fi
say "Fetching the pages' script and font, compiling the translations …"
.venv/bin/python tools/assets.py
if ! command -v chromium >/dev/null && ! command -v chromium-browser >/dev/null && ! command -v google-chrome >/dev/null
then
    if install_system_package chromium; then
        say "Installed Chromium for the browser tests."
    else
        say "No Chromium here: the browser tests will be skipped (on Debian: sudo apt-get install chromium)."
    fi
fi

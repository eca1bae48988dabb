#!/bin/sh
# Writes requirements/*.lock from pyproject.toml and requirements/node.in: versions and hashes, never where they come from.
# Versions that still fit stay; UPGRADE=1 takes the newest ones. `make lock` calls it.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT INT TERM

"${PYTHON:-python3}" -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check 'pip-tools>=7.5,<8'

lock() {
    CUSTOM_COMPILE_COMMAND="make lock" "$tools/bin/pip-compile" --quiet --generate-hashes --allow-unsafe --strip-extras \
        --no-emit-index-url --no-emit-trusted-host --no-emit-find-links ${UPGRADE:+--upgrade} "$@"
}
lock --extra=postgresql --output-file=requirements/run.lock pyproject.toml
lock --extra=postgresql --extra=dev --output-file=requirements/dev.lock pyproject.toml
lock --output-file=requirements/node.lock requirements/node.in

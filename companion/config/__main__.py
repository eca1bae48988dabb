"""`python -m companion.config` prints `config.example.toml`."""

import sys

from companion.config.example import render

sys.stdout.write(render())

"""`python -m companion` is the command line."""

from __future__ import annotations

from companion.cli import main

main()

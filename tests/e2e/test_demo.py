"""The story that the demo tells holds, every step of it, in processes of their own."""

from __future__ import annotations

import re

from tests.e2e.program import Program


def test_whole_story_of_the_demo_holds(program: Program) -> None:
    done = program.call("demo", "--check")
    assert done.returncode == 0, done.stdout + done.stderr
    steps = re.findall(r"^ *\d+\. (.*?)  +[\d,]+ ms$", done.stdout, re.MULTILINE)
    assert len(steps) == 13
    assert any("ticket gets a reply" in step for step in steps)
    assert not list(program.folder.iterdir())

"""A configuration that cannot be used: all that is wrong in one message, each with the nearest right name."""

from __future__ import annotations

import pytest

from tests.e2e.program import Program

SHOP = '[shops.main]\nurl = "https://shop.example"\nconsumer_key = "env:KEY"\nconsumer_secret = "env:SECRET"\n'
WHOLE = {"KEY": "ck_" + "0" * 40, "SECRET": "cs_" + "0" * 40}


@pytest.mark.parametrize(
    ("table", "environ", "said"),
    [
        ("[web]\nprot = 80", {}, ['web.prot: there is no such option (did you mean "port"?)']),
        ("[pull]\nx = 1", {}, ["pull"]),
        ('[web]\nthreads = "many"', {}, ["web.threads: must be a whole number", '"many"']),
        ("[installation]\ntimezone = 'Mars/Base'", {}, ["installation.timezone"]),
        (SHOP, {"KEY": "ck_x"}, ["shops.main.consumer_secret: the environment variable SECRET is not set"]),
        ('[shops.main]\nurl = "shop.example"', {}, ["shops.main.url: must be a whole address", "shops.main"]),
        (
            '[web]\nprot = 80\nthreads = 0\n[push]\nmode = "loud"',
            {},
            ['did you mean "port"?', "web.threads", "push.mode", "has 3 problems"],
        ),
        ("= not TOML", {}, ["the file is not TOML"]),
    ],
)
def test_all_that_is_wrong_is_said_and_nothing_is_made(
    program: Program, table: str, environ: dict[str, str], said: list[str]
) -> None:
    program.configure(table)
    done = program.call("run", **environ)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    for words in said:
        assert words in done.stderr
    assert not program.database.exists()


def test_secret_in_the_file_is_refused_and_not_repeated(program: Program) -> None:
    program.configure(SHOP.replace("env:KEY", WHOLE["KEY"]))
    done = program.call("backfill", **WHOLE)
    assert done.returncode == 2
    assert "a secret never stands here" in done.stderr
    assert WHOLE["KEY"] not in done.stderr


def test_file_that_is_not_there_says_how_to_write_one(program: Program) -> None:
    done = program.call("run")
    assert done.returncode == 2
    assert "`companion init` writes it" in done.stderr

"""Lock files pin versions and hashes; where packages come from is each machine's own matter."""

from __future__ import annotations

import json
import re
import subprocess
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
# Put together, so that this file does not hold what it forbids.
HOSTS = re.compile(
    "|".join(
        [
            "//" + r"[\w.-]*(?:registry|mirror|nexus|artifactory|verdaccio)[\w.-]*",
            r"files\." + "pythonhosted",
            r"pypi\." + "org/simple",
            "registry" + r"\.npmjs",
            "--(?:extra-)?index" + "-url[ =]",
            "--trusted" + "-host",
            r"(?<!no-emit-)find" + "-links[ =]",
        ]
    )
)
MACHINE_PATHS = re.compile(
    "|".join(
        [
            r"(?<![\w.])/" + "work" + r"/\w",
            "/root" + r"/\w",
            "/home" + r"/(?!companion)\w",
            "/Users" + r"/\w",
            "/tmp/" + "pip",
        ]
    )
)


def tracked_texts() -> list[tuple[str, str]]:
    """Every file that git knows, or that it would if it were added."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("not a checkout of git")
    found = []
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file():
            found.append((name, path.read_bytes().decode("utf-8", "ignore")))
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.name)
def test_every_package_is_pinned_with_hashes(lock: Path) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + re.sub(r"(?m)^\s*#.*\n", "", lock.read_text()))
    packages = [entry.strip() for entry in entries if entry.strip()]
    assert packages
    for package in packages:
        assert re.match(r"[a-z0-9-]+==\S+ ", package), package[:60]
        assert "--hash=sha256:" in package, package[:60]


@pytest.mark.parametrize(("lock", "extras"), [("run.lock", ["postgresql"]), ("dev.lock", ["postgresql", "dev"])])
def test_lock_holds_everything_the_project_asks_for(lock: str, extras: list[str]) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(name for extra in extras for name in project["optional-dependencies"][extra])]
    names = {re.split(r"[\[<>=! ]", requirement)[0].casefold() for requirement in asked}
    pinned = set(re.findall(r"(?m)^([a-z0-9-]+)==", (ROOT / "requirements" / lock).read_text()))
    assert names <= pinned, "write the lock files anew: make lock"


def test_npm_lock_pins_hashes_and_names_no_host() -> None:
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    for name, package in packages.items():
        if name:
            assert "integrity" in package, name
            assert "resolved" not in package, name


def test_no_file_names_a_package_registry() -> None:
    found = [(name, match[0]) for name, text in tracked_texts() if (match := HOSTS.search(text))]
    assert found == []


def test_no_file_holds_a_path_of_somebodys_machine() -> None:
    found = [(name, match[0]) for name, text in tracked_texts() if (match := MACHINE_PATHS.search(text))]
    assert found == []

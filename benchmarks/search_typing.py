"""What an agent sees of the search: from the last key to the hits on the screen.

Chromium, signed in, over the store of `benchmarks.search` and the server that `companion run` starts. Queries of every
kind are typed letter by letter, at the pace of a quick typist; measured is, within the page, from the last key to the
second frame after the hits of exactly this query were put in: the wait for a pause in typing (120 ms), the way there
and back, the search, the page's part of HTML, and the painting.

    python -m benchmarks.search_typing [--people 200000] [--sessions 8] [--pause 90]
"""

from __future__ import annotations

import argparse
import secrets
import shutil
import statistics
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast

from playwright.sync_api import Page, sync_playwright
from waitress.server import create_server

from benchmarks.common import ShopAddress, app_beside, report
from benchmarks.search import SEED, p95, questions
from benchmarks.search_corpus import SHOPS, Corpus
from benchmarks.search_sessions import Session
from benchmarks.search_store import opened
from companion.app import App
from companion.config import RateLimits
from companion.domain.permissions import Role
from tools import assets

PASSWORD = "benchmark-password"
_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
_WATCH = """
const box = document.getElementById("q");
window.typed = {key: 0, query: null, shown: 0};
box.addEventListener("input", () => { window.typed = {key: performance.now(), query: box.value, shown: 0}; });
document.addEventListener("htmx:afterSettle", event => {
  const asked = new URL(event.detail.xhr.responseURL).searchParams.get("q");
  const its = window.typed;
  if (asked !== its.query) return;
  requestAnimationFrame(() => requestAnimationFrame(() => { its.shown = performance.now() - its.key; }));
});
"""


@contextmanager
def served(app: App) -> Iterator[str]:
    """The pages behind the product's server, at this address."""
    server = create_server(app.flask(), host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(5)


def sign_in(page: Page, app: App, address: str) -> None:
    """As a new agent, onto the home page."""
    username = f"typist-{secrets.token_hex(4)}"
    app.users.add(name="کارشناس", username=username, password=PASSWORD, role=Role.AGENT)
    page.goto(f"{address}/sign-in")
    page.fill("#username", username)
    page.fill("#password", PASSWORD)
    page.press("#password", "Enter")
    page.wait_for_url("**/")
    page.evaluate(_WATCH)


def typed(page: Page, session: Session, pause_ms: int) -> float:
    """Seconds from the last key of a session until its hits are on the screen."""
    page.fill("#q", "")
    page.wait_for_timeout(200)
    page.type("#q", session.typed, delay=pause_ms)
    page.wait_for_function("() => window.typed.shown > 0")
    return cast("float", page.evaluate("window.typed.shown")) / 1000


def main() -> None:
    """Measure and print."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--people", type=int, default=200_000)
    arguments.add_argument("--sessions", type=int, default=8, help="of each kind")
    arguments.add_argument("--pause", type=int, default=90, help="between two keys, in milliseconds")
    given = arguments.parse_args()
    chromium = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if chromium is None:
        sys.exit("There is no Chromium on this machine.")
    assets.compile_translations()
    corpus = Corpus(given.people, given.people * 5 // 2, seed=SEED)
    store = opened(corpus)
    database = store.url.render_as_string()
    store.close()
    asked: dict[str, list[Session]] = {}
    for session in questions(corpus, notes=50_000):
        asked.setdefault(session.kind, []).append(session)
    nowhere = ShopAddress("http://127.0.0.1:9", "ck", "cs")
    endless = RateLimits(pages="100000/second", search="100000/second")
    seconds: list[float] = []
    with (
        app_beside(dict.fromkeys(SHOPS, nowhere), database=database, limits=endless) as app,
        served(app) as address,
        sync_playwright() as playwright,
    ):
        app.search.warm()
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        sign_in(page, app, address)
        for place in range(given.sessions):
            seconds += [typed(page, of_kind[place], given.pause) for of_kind in asked.values()]
        browser.close()
    rows = [
        (f"seed {SEED}, {len(seconds)} queries typed, {given.pause} ms between keys", ""),
        ("last key to hits: median, p95 (ms)", f"{statistics.median(seconds) * 1000:.0f}, {p95(seconds):.0f}"),
    ]
    report("search_typing", rows, {"last_key_to_hits_p95_ms": p95(seconds)})


if __name__ == "__main__":
    main()

"""Headers, caching, and what a page never contains."""

from __future__ import annotations

import re
from pathlib import Path

from flask import Blueprint, Response

from companion.config import RateLimits, Web
from tests.web.house import House

TEMPLATES = Path(__file__).resolve().parents[2] / "companion" / "web" / "templates"


def test_every_answer_carries_the_defences(house: House) -> None:
    visitor = house.signed_in()
    for path in ("/", "/sign-in", "/nowhere", "/health", "/static/css/base.css"):
        headers = visitor.get(path).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert "camera=()" in headers["Permissions-Policy"]
        assert "Strict-Transport-Security" not in headers


def test_https_is_insisted_on_where_it_is_there(house: House) -> None:
    house.adapt(web=Web(public_url="https://companion.example"))
    assert house.visitor().get("/health").headers["Strict-Transport-Security"].startswith("max-age=")


def test_pages_are_kept_by_no_cache_and_versioned_files_for_ever(house: House) -> None:
    visitor = house.signed_in()
    page = visitor.get("/")
    assert page.headers["Cache-Control"] == "no-store"
    sheet = re.search(r'href="(/static/css/base\.css\?v=\w+)"', page.text)
    assert sheet is not None
    assert "immutable" in visitor.get(sheet[1]).headers["Cache-Control"]
    font = visitor.get("/static/vendor/vazirmatn/vazirmatn-arabic-wght-normal.woff2")
    assert "max-age=604800" in font.headers["Cache-Control"]
    assert "immutable" not in visitor.get("/static/css/base.css").headers["Cache-Control"]


FILE = TEMPLATES / "privacy" / "file.html"
"""No page: it is written to disk, and carries its style sheet with it."""


def test_templates_hold_no_inline_script_or_style() -> None:
    for path in {*TEMPLATES.rglob("*.html")} - {FILE}:
        text = path.read_text()
        assert not re.search(r"\son\w+=|style=|<style|javascript:|hx-on|hx-vals='js|<script(?! src)", text), path.name
        assert not re.search(r'(?:src|href)="https?:', text), f"{path.name} loads from outside"


MADE_SAFE = {"{{ note.html|safe }}", "{{ version.html|safe }}", "{{ ticket.html|safe }}", "{{ reply.html|safe }}"}
"""HTML that the services sanitised: agents' Markdown, and what a helpdesk renders."""


def test_only_what_the_services_made_safe_is_printed_as_it_is() -> None:
    for path in TEMPLATES.rglob("*.html"):
        for printed in re.findall(r"\{\{[^}]*\|\s*safe[^}]*\}\}", path.read_text()):
            assert printed in MADE_SAFE


def test_the_shops_entrance_needs_no_session_no_token_and_is_not_limited(house: House) -> None:
    entrance = Blueprint("receiver", __name__)

    @entrance.post("/in/<shop>")
    def take(shop: str) -> Response:
        return Response(shop)

    house.adapt(receiver=entrance, limits=RateLimits(pages="1/hour", write="1/hour"))
    visitor = house.visitor()
    answers = [visitor.client.post("/in/main", data=b"x" * 500_000) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200] * 3


def test_a_page_is_closed_unless_it_is_opened(house: House) -> None:
    for rule in house.app.url_map.iter_rules():
        view = house.app.view_functions[rule.endpoint]
        expected = rule.endpoint in {
            "gate.sign_in",
            "gate.sign_out",
            "gate.choose_language",
            "health.health",
            "health.ready",
            "health.sync",
            "health.measured",
        }
        assert getattr(view, "is_open", False) == expected, rule.endpoint

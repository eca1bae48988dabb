"""What WordPress makes of texts on their way in and out: filtered HTML, paragraphs, titles, slugs."""

from __future__ import annotations

import re
from urllib.parse import quote

_ALLOWED = frozenset({
    "a", "abbr", "b", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "hr", "i", "img", "ins",
    "li", "ol", "p", "pre", "s", "span", "strong", "table", "tbody", "td", "th", "thead", "tr", "u", "ul",
})  # fmt: skip
_TAG = re.compile(r"</?([a-zA-Z][a-zA-Z0-9]*)\b[^>]*>|<!--.*?-->", re.DOTALL)
_HANDLER = re.compile(r"""\s+(?:on\w+|style)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s>]+)""", re.IGNORECASE)
_BLOCK = re.compile(r"\s*<(?:p|div|ul|ol|pre|blockquote|table|h\d|hr)\b")


def filtered(html: str) -> str:
    """HTML as people without `unfiltered_html` may write it: forbidden tags go, what stood between them stays."""

    def judged(tag: re.Match[str]) -> str:
        return _HANDLER.sub("", tag[0]) if (tag[1] or "").lower() in _ALLOWED else ""

    return _TAG.sub(judged, html)


def rendered(html: str) -> str:
    """Content as it is shown: paragraphs around loose text, line breaks where lines end."""
    parts = [part for part in re.split(r"\n\s*\n", html.strip().replace("\r\n", "\n")) if part]
    return "".join(part + "\n" if _BLOCK.match(part) else f"<p>{_lines(part)}</p>\n" for part in parts)


def _lines(text: str) -> str:
    return text.replace("\n", "<br />\n")


def titled(title: str) -> str:
    """A title as it is shown: HTML, in which an ampersand is a character reference."""
    return title.replace("&", "&#038;").replace("<", "&lt;").replace(">", "&gt;")


def slugged(title: str) -> str:
    """The end of a post's address: Persian letters percent-encoded in small letters, as WordPress keeps them."""
    words = re.sub(r"[^\w\s-]", "", title.lower())
    return quote(re.sub(r"[\s-]+", "-", words).strip("-")).lower()

"""Agents' formatted text: Markdown as typed, to HTML that is safe to print and to the plain line of a summary.

The text is kept as typed and rendered whenever it is shown. Raw HTML in it is shown as the letters it is made of, never
obeyed; images are left out, since one from outside would tell its server who reads the note.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from html import unescape

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token

_MARKDOWN = MarkdownIt("js-default", {"html": False, "linkify": False, "breaks": True, "maxNesting": 20}).disable(
    "image"
)

# What the Markdown above can produce, and no more: the sanitiser stands behind it in case it ever produces otherwise.
_BLOCKS = {"p", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "table", "thead", "tbody", "tr", "th", "td"}
_TAGS = _BLOCKS | {"a", "em", "strong", "s", "code", "pre", "hr", "br"}
_ATTRIBUTES = {tag: {"dir"} for tag in _BLOCKS} | {"a": {"href"}, "ol": {"dir", "start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

# A note stands below a page's headings, so that its first level is the page's fourth.
_HEADINGS_ABOVE = 3
_DEEPEST_HEADING = 6

_LINE_ENDS = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|td|th|blockquote|pre)>", re.IGNORECASE)
_MANY_LINES = re.compile(r"\s*\n\s*")


def to_html(markdown: str) -> str:
    """The text as HTML that may be printed as it is. Every block finds its own direction from its first letter."""
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + _HEADINGS_ABOVE, _DEEPEST_HEADING)}"
        if token.nesting == 1 and token.tag in _BLOCKS:
            token.attrSet("dir", "auto")
            token.attrs.pop("style", None)  # a table column's alignment: left and right mean nothing in both directions
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return nh3.clean(
        html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="nofollow noopener noreferrer"
    )


def to_plain(markdown: str) -> str:
    """The text's words on one line, without its formatting."""
    return " ".join("".join(_words(_MARKDOWN.parse(markdown))).split())


def html_to_plain(html: str) -> str:
    """The text of a shop's own HTML (an order note), its line breaks kept and nothing of its mark-up."""
    text = nh3.clean(_LINE_ENDS.sub("\n", html), tags=set())
    return _MANY_LINES.sub("\n", unescape(text)).strip()


def _words(tokens: Sequence[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield from _words(token.children)
        elif token.type in {"softbreak", "hardbreak"}:
            yield " "
        else:
            yield token.content
        if token.block:
            yield " "

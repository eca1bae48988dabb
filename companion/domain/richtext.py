"""Text with formatting, made safe to print: agents' Markdown as typed, and the HTML of a shop's tickets and notes.

Text is kept as it came and rendered whenever it is shown. Raw HTML in an agent's text is shown as the letters it is
made of, never obeyed; of a shop's HTML what only formats is kept. Images are never loaded, since one from outside would
tell its server who reads; in a shop's HTML a link stands in their place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
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
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}

# Made once: making a cleaner costs far more than its work on a text.
_REL = "nofollow noopener noreferrer"
_NOTE = nh3.Cleaner(tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL)
_WORDS = nh3.Cleaner(tags=set())

_WHOLES = {"ul", "ol", "dl", "blockquote", "table"}
_BLOCK = re.compile(r"<(/?)(p|div|h[456]|ul|ol|dl|blockquote|table)\b")

# A shop's HTML that holds more than paragraphs is cleaned twice: first kept wide, so that images, headings and links
# can be turned into what may stand here. What the first cleaning gives is well-formed; the second lets nothing through
# that this module turned out wrongly.
_SHOP_TAGS = _TAGS | {"div", "b", "i", "u", "small", "sub", "sup", "dl", "dt", "dd", "caption"}
_SHOP = nh3.Cleaner(tags=_SHOP_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel=_REL)
_MORE = re.compile("<(?:img|h[123]|a)[^a-z]", re.IGNORECASE)
_ROOT = re.compile(r"https?://[\w.-]+(?::[0-9]+)?(?=[/?#]|$)", re.IGNORECASE)
_HEADING = re.compile("<(/?)h[123]>")
_LINK = re.compile(r'(<a(?: href="[^"]*")?>)(.*?)(?=</a>)', re.DOTALL)
_IMAGE = re.compile(r'<img(?: src="([^"]*)")?(?: alt="([^"]*)")?(?: src="([^"]*)")?>')

# A note stands below a page's headings, so that its first level is the page's fourth.
_HEADINGS_ABOVE = 3
_DEEPEST_HEADING = 6

_LINE_ENDS = re.compile(r"<br\s*/?>|</(?:p|div|li|h[1-6]|tr|td|th|blockquote|pre)>", re.IGNORECASE)
_MANY_LINES = re.compile(r"\s*\n\s*")


@lru_cache(maxsize=1024)  # an agent opens the same few customers again and again
def to_html(markdown: str) -> str:
    """The text as HTML that may be printed as it is. Every block finds its direction from its first letter."""
    tokens = _MARKDOWN.parse(markdown)
    for token in tokens:
        if token.type in {"heading_open", "heading_close"}:
            token.tag = f"h{min(int(token.tag[1]) + _HEADINGS_ABOVE, _DEEPEST_HEADING)}"
        if token.nesting == 1 and token.tag in _BLOCKS:
            token.attrs.pop("style", None)  # a table column's alignment: left and right mean nothing in both directions
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    return _directed(_NOTE.clean(html))


def to_plain(markdown: str) -> str:
    """The text's words on one line, without its formatting."""
    return " ".join("".join(_words(_MARKDOWN.parse(markdown))).split())


@lru_cache(maxsize=1024)
def shop_html(html: str, *, address: str = "") -> str:
    """A shop's own HTML (a ticket, a reply) as HTML that may be printed as it is; every block finds its direction.

    `address` is one of the shop's: links that name no host start at its root, and without it they are no links.
    """
    if _MORE.search(html):
        root = _ROOT.match(address)
        html = _widely(root[0] if root else "").clean(html)
        html = _HEADING.sub(r"<\1h4>", html)
        if "<img" in html:
            html = _LINK.sub(lambda link: link[1] + _IMAGE.sub(_image_name, link[2]), html)
            html = _IMAGE.sub(_image_link, html)
    return _directed(_SHOP.clean(html).strip())


@lru_cache(maxsize=64)
def _widely(root: str) -> nh3.Cleaner:
    """The first cleaning, for the links of one host ("": none)."""
    return nh3.Cleaner(
        tags=_SHOP_TAGS | {"h1", "h2", "h3", "img"},
        attributes={**_ATTRIBUTES, "img": {"src", "alt"}},
        url_schemes=_SCHEMES,
        url_relative=("rewrite_with_base", root) if root else "deny",
        link_rel=None,
    )


def _image_name(image: re.Match[str]) -> str:
    """What stands for an image within a link: what it is said to show, else its file's name."""
    source = image[1] or image[3] or ""
    return (image[2] or "").strip() or source.partition("?")[0].rpartition("/")[2]


def _image_link(image: re.Match[str]) -> str:
    """What stands for an image: a link to it, so that to load it is the reader's own doing."""
    source, name = image[1] or image[3] or "", _image_name(image)
    return f'<a href="{source}">{name or source}</a>' if source else name


def _directed(html: str) -> str:
    """Clean HTML whose blocks find their direction: a list, a quotation or a table whole, since its marks and columns
    stand on the side where it begins. (A browser looks for the first letter of an element beside those within it that
    look for their own.)
    """
    depth = 0

    def direct(tag: re.Match[str]) -> str:
        nonlocal depth
        is_outermost = depth == 0
        if tag[2] in _WHOLES:
            depth += -1 if tag[1] else 1
        return f'{tag[0]} dir="auto"' if is_outermost and not tag[1] else tag[0]

    return _BLOCK.sub(direct, html)


def html_to_plain(html: str) -> str:
    """The text of a shop's own HTML (an order note), its line breaks kept and nothing of its mark-up."""
    text = _WORDS.clean(_LINE_ENDS.sub("\n", html))
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

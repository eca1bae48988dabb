"""Whatever an agent types, what is printed can do nothing."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companion.domain.richtext import html_to_plain, shop_html, to_html, to_plain

ALLOWED = set("p h4 h5 h6 ul ol li blockquote table thead tbody tr th td a em strong s code pre hr br".split())  # noqa: SIM905
NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<script>alert(1)</script>",
                "<img src=x onerror=alert(1)>",
                "[a](javascript:alert(1))",
                "[a](JaVaScRiPt:alert(1))",
                "[a](data:text/html;base64,xx)",
                "[a]: javascript:alert(1)",
                "![i](http://x/y.png)",
                "<javascript:alert(1)>",
                "<style>*{}</style>",
                "<a href='x' onclick='y'>",
                "&#106;avascript:",
                "[a](&#x6a;avascript:x)",
                "[a](https://e.com 'onload=x')",
                "](", "```", "\n\n", "|a|\n|:-:|\n|b|", "> ", "- ", "# ", "<", '"', "'", "`",
            ]
        ),
        st.text(max_size=20),
    ),
    max_size=12,
).map("".join)  # fmt: skip


class Inspector(HTMLParser):
    """Fails on any element or attribute that is not on the short list."""

    def __init__(self, *more: str) -> None:
        super().__init__()
        self.allowed = ALLOWED | set(more)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in self.allowed
        for name, value in attrs:
            assert name in {"dir", "href", "rel", "start", "title"}, name
            if name == "href":
                assert re.match(r"(https?|mailto|tel):|[^:]*$", value or ""), value


@given(NASTY)
def test_nothing_typed_can_act(markdown: str) -> None:
    Inspector().feed(to_html(markdown))


@given(NASTY)
def test_plain_text_is_one_line(markdown: str) -> None:
    assert "\n" not in to_plain(markdown)


def test_formatting_is_shown() -> None:
    html = to_html("**مهم** و *کج*\nخط دوم\n\n- یک\n- دو")
    assert "<strong>مهم</strong>" in html
    assert "<em>کج</em><br>" in html
    assert '<ul dir="auto">\n<li>یک</li>\n<li>دو</li>\n</ul>' in html
    assert html.startswith('<p dir="auto">')


def test_a_list_or_a_quotation_finds_one_direction_for_all_of_it() -> None:
    assert to_html("- یک\n\n  دو\n\n> سه\n>\n> - چهار\n\nپنج").split("\n") == [
        '<ul dir="auto">', "<li>", "<p>یک</p>", "<p>دو</p>", "</li>", "</ul>",
        '<blockquote dir="auto">', "<p>سه</p>", "<ul>", "<li>چهار</li>", "</ul>", "</blockquote>",
        '<p dir="auto">پنج</p>', "",
    ]  # fmt: skip


def test_links_tell_nobody_who_reads() -> None:
    assert 'rel="nofollow noopener noreferrer"' in to_html("[x](https://example.com)")


def test_raw_html_is_shown_as_typed() -> None:
    assert "&lt;b&gt;x&lt;/b&gt;" in to_html("<b>x</b>")


def test_images_from_outside_are_not_loaded() -> None:
    assert "<img" not in to_html("![x](https://example.com/pixel.png)")


def test_a_notes_headings_stand_below_the_pages() -> None:
    assert to_html("# یک") == '<h4 dir="auto">یک</h4>\n'
    assert "<h6" in to_html("###### شش")


def test_plain_text_keeps_the_words_and_not_the_marks() -> None:
    assert to_plain("# عنوان\n\n**مهم**: [پیوند](https://x.ir)\nخط\n\n- یک\n- `دو`\n\n```\nکد\n```") == (
        "عنوان مهم: پیوند خط یک دو کد"
    )


@pytest.mark.parametrize("piece", ["[", "![", "[a](", "*a ", "> ", "<", "`", "- "])
def test_a_long_odd_note_is_still_shown(piece: str) -> None:
    assert to_html((piece * 20_000)[:20_000])


def test_a_shops_own_html_becomes_text() -> None:
    html = "وضعیت <strong>عوض</strong> شد.<br/>از &quot;الف&quot; <script>x</script><p>به <a href='#'>ب</a></p>"
    assert html_to_plain(html) == 'وضعیت عوض شد.\nاز "الف" به ب'


# --- a shop's own HTML --------------------------------------------------------------------------------------------

SHOP_NASTY = st.lists(
    st.one_of(
        st.sampled_from(
            [
                "<script>alert(1)</script>", "<style>*{}</style>", "<svg onload=x>", "<math><mi//xlink:href='x'>",
                "<img src=x onerror=alert(1)>", "<img src=javascript:alert(1) alt=a>", "<img alt='<script>x</script>'>",
                "<img src='https://x/\">' alt='\" onload=y'>", "<a href='javascript:alert(1)'>", "<a href='//x'>",
                "<a href=' java\nscript:alert(1)'>", "<a href='data:text/html,x' onclick=y style=z class=q>", "</a>",
                "<iframe src=x>", "<form action=x><input name=y>", "<h2><img src=https://x/y.png></h2>", "<a", "<i",
                "<!--", "-->", "<![CDATA[", "<table><td><a href='?x=<h1>'>", "<div dir=rtl style='x:y'>", "<img", "<p",
                "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "<b", "<textarea>", "<object data=x>",
                "'", '"', ">", "&lt;script&gt;", "&#106;avascript:",
            ]
        ),
        st.text(max_size=20),
    ),
    max_size=12,
).map("".join)  # fmt: skip


@given(SHOP_NASTY, st.sampled_from(["", "https://shop.example/ticket/5/", "javascript:alert(1)", "//x", "http://["]))
def test_nothing_a_shop_sends_can_act(html: str, address: str) -> None:
    printed = shop_html(html, address=address)
    Inspector("div", "b", "i", "u", "small", "sub", "sup", "dl", "dt", "dd", "caption").feed(printed)
    assert shop_html(printed, address=address) == printed


def test_a_shops_paragraphs_keep_their_formatting_and_find_their_direction() -> None:
    assert shop_html("<p>سلام<br />\n<b>متشکرم</b></p>\n<div style='color:red'>Bye</div>") == (
        '<p dir="auto">سلام<br>\n<b>متشکرم</b></p>\n<div dir="auto">Bye</div>'
    )


def test_links_of_a_shop_lead_where_the_shop_meant_and_tell_nobody_who_reads() -> None:
    printed = shop_html('<a href="/my-account/?a=1&b=2">x</a>', address="https://shop.example/ticket/5/")
    assert printed == (
        '<a href="https://shop.example/my-account/?a=1&amp;b=2" rel="nofollow noopener noreferrer">x</a>'
    )
    assert "href" not in shop_html('<a href="/my-account/">x</a>')


@pytest.mark.parametrize(
    ("html", "printed"),
    [
        ('<img src="https://x.ir/a.jpg?w=3" alt="کارتن">', '<a href="https://x.ir/a.jpg?w=3" rel="REL">کارتن</a>'),
        ('<img alt=" " width="1" src="https://x.ir/b/a.jpg">', '<a href="https://x.ir/b/a.jpg" rel="REL">a.jpg</a>'),
        ('<img src="https://x.ir/">', '<a href="https://x.ir/" rel="REL">https://x.ir/</a>'),
        ('<img src="cid:9" alt="کارتن">', "کارتن"),
        ('<a href="https://x.ir"><img src="https://y.ir/a.jpg"></a>', '<a href="https://x.ir" rel="REL">a.jpg</a>'),
    ],
)  # fmt: skip
def test_images_of_a_shop_become_links_that_nobody_follows_unasked(html: str, printed: str) -> None:
    assert shop_html(html) == printed.replace("REL", "nofollow noopener noreferrer")


def test_a_shops_headings_stand_below_the_pages() -> None:
    assert shop_html("<h1>یک</h1><h6>شش</h6>") == '<h4 dir="auto">یک</h4><h6 dir="auto">شش</h6>'

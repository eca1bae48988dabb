"""By keyboard and for screen readers: names, landmarks, focus that is seen."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import PHONE, Story

pytestmark = pytest.mark.browser

PAGES = ("/", "/search?q=احمد", "/customers/{customer}", "/preferences", "/sync", "/notes/1/history", "/sign-in")

# What every page must hold; each line names the elements that break it.
FAULTS = """() => {
  const faults = [];
  const visible = (element) => element.checkVisibility({ checkVisibilityCSS: true });
  const named = (element) => (
    element.getAttribute("aria-label") || element.textContent.trim() || (element.labels && element.labels.length)
  );
  const controls = "button, a[href], input:not([type=hidden]), select, textarea, summary";
  for (const control of document.querySelectorAll(controls)) {
    if (visible(control) && !named(control)) faults.push("without a name: " + control.outerHTML.slice(0, 120));
  }
  for (const control of document.querySelectorAll("button, .button, summary, select, input[type=text]")) {
    const box = control.getBoundingClientRect();
    if (visible(control) && box.width && (box.width < 24 || box.height < 24)) {
      faults.push(`too small to press (${box.width}x${box.height}): ` + control.outerHTML.slice(0, 120));
    }
  }
  for (const image of document.querySelectorAll("svg, img")) {
    if (image.getAttribute("aria-hidden") !== "true" && !image.getAttribute("alt")) faults.push("image without words");
  }
  const ids = [...document.querySelectorAll("[id]")].map((element) => element.id);
  for (const id of ids.filter((id, at) => ids.indexOf(id) !== at)) faults.push("id used twice: " + id);
  if (document.querySelectorAll("main").length !== 1) faults.push("not exactly one main");
  if (document.querySelectorAll("h1").length !== 1) faults.push("not exactly one h1");
  if (!document.documentElement.lang) faults.push("no language");
  let level = 0;
  for (const heading of document.querySelectorAll("h1, h2, h3")) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) faults.push("heading skips a level: " + heading.textContent.trim());
    level = next;
  }
  return faults;
}"""

# Text against the nearest opaque ground, as the browser computed both (WCAG 2.2, 1.4.3).
FAINT = """() => {
  const parse = (colour) => (colour.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => {
    const linear = (v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    const [x, y, z] = [r, g, b].map((v) => linear(v / 255));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = parse(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const faults = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (!node.textContent.trim() || !element.checkVisibility({ checkVisibilityCSS: true })) continue;
    const style = getComputedStyle(element);
    const [high, low] = [light(parse(style.color)), light(ground(element))].sort((a, b) => b - a);
    const least = parseFloat(style.fontSize) >= 24 ? 3 : 4.5;
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < least) faults.push(`${ratio.toFixed(2)}: ${node.textContent.trim().slice(0, 40)}`);
  }
  return faults;
}"""


def _at(story: Story, page: Page, path: str) -> Page:
    page.goto(path.format(customer=story.customer))
    return page


@pytest.mark.parametrize("language", ["fa", "en"])
def test_every_control_has_a_name_and_every_page_its_landmarks(story: Story, language: str) -> None:
    page = story.open_page(language=language, size=PHONE)
    for path in PAGES:
        assert _at(story, page, path).evaluate(FAULTS) == [], path
    page.context.clear_cookies()
    assert _at(story, page, "/sign-in").evaluate(FAULTS) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_can_be_read(story: Story, scheme: str) -> None:
    page = story.open_page(scheme=scheme)
    for path in PAGES:
        assert _at(story, page, path).evaluate(FAINT) == [], path
    page.goto("/")
    page.keyboard.press("/")
    page.keyboard.type("احمد")
    expect(page.locator("#results [role=option]").first).to_be_visible()
    assert page.evaluate(FAINT) == []


def test_the_dark_scheme_is_dark_and_can_be_chosen(story: Story) -> None:
    page = story.open_page(scheme="light", language="en")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(ground)
    page.goto("/preferences")
    page.get_by_label("Dark").check()
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#notices")).to_contain_text("Your preferences are saved.")
    assert page.evaluate(ground) != light


def test_the_focus_is_seen_wherever_tab_leads(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/customers/{story.customer}")
    for step in range(60):
        page.keyboard.press("Tab")
        seen = page.evaluate(
            """() => {
              const active = document.activeElement;
              const style = getComputedStyle(active.closest(".toggle") || active);
              return [active.outerHTML.slice(0, 100), style.outlineStyle, parseFloat(style.outlineWidth)];
            }"""
        )
        if seen[0].startswith("<body"):
            break  # once round
        assert seen[1] == "solid", (step, seen)
        assert seen[2] >= 2, (step, seen)
    assert step > 20, "the whole page was walked"


def test_the_first_tab_skips_to_the_content(story: Story) -> None:
    page = story.open_page()
    page.goto(f"/customers/{story.customer}")
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="رفتن به محتوا")
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()


def test_everything_works_without_javascript(story: Story) -> None:
    page = story.open_page(language="en")
    cookies = page.context.cookies()
    browser = page.context.browser
    assert browser is not None
    with browser.new_context(base_url=story.address, java_script_enabled=False) as context:
        context.add_cookies([{"name": c["name"], "value": c["value"], "url": story.address} for c in cookies])
        plain = context.new_page()
        plain.goto("/")
        plain.fill("#q", "احمد")
        plain.press("#q", "Enter")
        plain.get_by_role("link", name="مریم احمدی").click()
        plain.fill("#body", "written without a script")
        plain.get_by_role("button", name="Save note").click()
        expect(plain.locator("#notices")).to_contain_text("The note is saved.")
        entry = plain.locator("#entries > .entry", has_text="written without a script")
        entry.get_by_label("Edit").click()
        plain.fill("textarea", "edited without a script")
        plain.get_by_role("button", name="Save").click()
        entry = plain.locator("#entries > .entry", has_text="edited without a script")
        entry.get_by_label("Delete").click()
        plain.locator("#notices").get_by_role("button", name="Undo").click()
        expect(plain.locator("#entries")).to_contain_text("edited without a script")
        plain.locator(".filters").get_by_label("Orders", exact=True).check()
        plain.get_by_role("button", name="Filter").click()
        expect(plain.locator("#entries")).not_to_contain_text("edited without a script")

"""What axe has against a page, and what a glove has."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.support.technician_app import SOURCES

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SMALLEST_TARGET_PX = 44
MOST_FAULTS_TOLD = 5

_TOO_SMALL = """(least) => {
  const targets = "a, button, select, input:not([type=checkbox]):not([type=radio]), summary, label.check";
  const inText = (each) => each.closest("p:not(.actions):not(.wrap)"); // links in a sentence are as high as their line
  return [...document.querySelectorAll(targets)]
    .filter((each) => each.offsetParent && !each.classList.contains("skip") && !inText(each))
    .filter((each) => {
      const { width, height } = each.getBoundingClientRect();
      return width > 0 && (width < least || height < least);
    })
    .map((each) => each.outerHTML.slice(0, 160));
}"""


_TOO_WIDE = """() => ["#app", "#between", "main"]
  .map((name) => document.querySelector(name))
  .filter((each) => each && each.scrollWidth > each.clientWidth)
  .map((each) => each.id)"""
"""What is wider than the phone: what scrolls by itself hides that from the page."""


def faults_of(page: Page) -> list[str]:
    """What axe has against a page, serious or worse; and targets that are too small for a glove."""
    page.evaluate((SOURCES / "node_modules" / "axe-core" / "axe.min.js").read_text())
    found = page.evaluate("(rules) => axe.run(document, { runOnly: { type: 'tag', values: rules } })", RULES)
    told = [
        f"{page.url}: {fault['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for fault in found["violations"]
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:MOST_FAULTS_TOLD]
    ]
    small = page.evaluate(_TOO_SMALL, SMALLEST_TARGET_PX)
    told += [f"{page.url}: wider than the phone: {name}" for name in page.evaluate(_TOO_WIDE)]
    return told + [f"{page.url}: too small for a glove: {html}" for html in small]

"""The example of docs/rules.md is run."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path

from planner.intervals.rules import pack_ids

DOC = (Path(__file__).parents[4] / "docs" / "rules.md").read_text("utf-8")


def block(language: str) -> str:
    found = re.search(rf"^( *)```{language}\n(.*?)^ *```", DOC, re.DOTALL | re.MULTILINE)
    assert found is not None
    return textwrap.dedent(found[2])


def test_the_example_of_a_new_pack_does_what_the_page_says() -> None:
    exec(compile(block("python"), "docs/rules.md", "exec"), {"text": block("toml")})  # noqa: S102 - our own page


def test_every_pack_stands_on_the_page() -> None:
    for pack_id in pack_ids():
        assert f"`{pack_id}`" in DOC

"""The picture of policies side by side: lengths true to the figures, words escaped."""

from __future__ import annotations

import re

from mobile_api.pages.office.compare_drawing import Bar, draw


def test_bars_are_as_long_as_their_figures_and_carry_their_spread() -> None:
    bars = [Bar(label="fixed", mean=200, least=190, most=210), Bar(label="<on demand>", mean=100, least=100, most=100)]
    picture = draw([("Visits", bars)], label="Side by side")
    fixed, on_demand = (float(wide) for wide in re.findall(r'<rect class="b\d" [^>]*width="([\d.]+)"', picture))
    assert abs(fixed / on_demand - 2) < 0.01
    assert picture.count('class="e"') == 1
    assert "&lt;on demand&gt;: Visits 100" in picture
    assert 'aria-label="Side by side"' in picture


def test_figures_of_nothing_are_drawn_too() -> None:
    assert 'width="1"' in draw([("Visits", [Bar(label="fixed", mean=0, least=0, most=0)])], label="")

"""Sums are sums, intervals are over elevators, and differences are paired: luck that is shared does not widen them."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from random import Random

import pytest

from planner.backtest.drawing import draw, headline
from planner.backtest.figures import MEASURED, Figures, PolicyRows, figures

COUNT = 200


def rows(visits: float, luck: list[float]) -> list[dict[str, float]]:
    return [
        dict.fromkeys(MEASURED, 0.0) | {"visits": visits * each, "faults": each, "on_demand": 1.0, "windows": 3.0}
        for each in luck
    ]


@pytest.fixture(scope="module")
def found() -> Figures:
    chance = Random(1)  # noqa: S311 - no secret
    luck = [float(chance.randint(1, 9)) for _ in range(COUNT)]
    return figures([PolicyRows(id="a", rows=rows(10, luck)), PolicyRows(id="b", rows=rows(7, luck))], [2.0] * COUNT, seed=4)


def test_sums_and_years(found: Figures) -> None:
    first, second = found.policies
    assert first.elevator_years == 2 * COUNT
    assert second.visits == pytest.approx(0.7 * first.visits)
    least, most = first.intervals["visits"]
    assert least < first.visits < most


def test_a_difference_that_every_elevator_shares_is_known_exactly(found: Figures) -> None:
    change, least, most = found.differences[0].change["visits"]
    assert (change, least, most) == (-0.3, -0.3, -0.3)
    assert "entrapments" not in found.differences[0].change, "nothing can be said of a change from none"


def test_the_same_seed_draws_the_same() -> None:
    luck = [1.0, 5.0, 2.0]
    once, twice = (figures([PolicyRows(id="a", rows=rows(3, luck))], [1.0] * 3, seed=9) for _ in range(2))
    assert once == twice


def test_the_picture_is_whole_and_names_every_policy_with_its_number(found: Figures) -> None:
    drawn = draw(found, 'made up, "quoted" & <sharp>')
    root = ET.fromstring(drawn)  # noqa: S314 - our own text
    said = [element.text or "" for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert sum(text == "b" for text in said) == 6, "one bar in each of six panels"
    assert any(f"{found.policies[0].visits / found.policies[0].elevator_years:,.2f}" in text for text in said)
    assert headline(found.differences[0]) in said

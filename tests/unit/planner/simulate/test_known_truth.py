"""The truth is data whose every number has a source, and can be changed for a study."""

from __future__ import annotations

from importlib import resources

import pytest

from planner.intervals.items import CLASSES
from planner.rounds.faults import FaultyInputError
from planner.simulate.known_truth import parse_truth, usual_truth, with_numbers

TEXT = resources.files("planner.simulate").joinpath("truth.toml").read_text("utf-8")


def test_every_component_wears_and_every_part_has_a_class_that_restores_it() -> None:
    truth = usual_truth()
    assert {part.component for part in truth.parts} == {"door", "brake", "ropes", "guide", "controller"}
    assert all(part.maintenance_class in CLASSES for part in truth.parts)
    assert all(part.shape > 1 for part in truth.parts), "what wears fails more often the longer it runs"


@pytest.mark.parametrize(
    ("was", "is_now", "said"),
    [
        ('source = "mta"', 'source = "nowhere"', "is none of the sources"),
        ('counter = "run_m"', 'counter = "run_km"', "is no counter"),
        ('items = ["A-1-13"]', 'items = ["A-9-99"]', "is no item"),
        ('items = ["A-1-13"]', 'items = ["A-1-13", "A-2-07"]', "several classes"),
        ("restores = { value = 0.8", "restores = { value = 1.8", "a share is 0 to 1"),
        ("residential = 55", "castle = 55", "is no kind of building"),
    ],
)
def test_a_fault_of_the_file_is_named_with_its_way_out(was: str, is_now: str, said: str) -> None:
    assert was in TEXT
    with pytest.raises(FaultyInputError, match=said):
        parse_truth(TEXT.replace(was, is_now, 1), "truth.toml")


def test_numbers_can_be_changed_and_unknown_ones_cannot() -> None:
    changed = with_numbers(usual_truth(), {"visit.restores": 0.5, "parts.life": 2.0})
    assert changed.visit.restores.value == 0.5
    assert changed.parts[0].life == 2 * usual_truth().parts[0].life
    with pytest.raises(FaultyInputError, match="is no number of the truth"):
        with_numbers(usual_truth(), {"visit.magic": 1.0})

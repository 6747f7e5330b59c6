"""The file of patterns."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from qr.elevator_patterns import Patterns, usual_patterns

CLASSES = ("half_month", "quarter", "half_year", "year")
TYPES = ("traction_or_positive_drive_lift", "hydraulic_lift", "dumbwaiter", "escalator_or_moving_walk")


@pytest.mark.parametrize("equipment_type", TYPES)
def test_higher_classes_never_ask_for_less(equipment_type: str) -> None:
    found = [usual_patterns().of(equipment_type, each) for each in CLASSES]
    works = [each[1] for each in found if each is not None]
    assert len(works) == len(CLASSES)
    for lower, higher in pairwise(works):
        assert lower.standstill_s <= higher.standstill_s
        assert lower.out_share <= higher.out_share
        assert lower.least_s <= higher.least_s


def test_the_work_fits_into_the_shortest_visit_that_is_judged() -> None:
    for pattern in usual_patterns().patterns:
        for work in pattern.classes.values():
            assert work.standstill_s < work.least_s


def test_our_own_numbers_are_marked_as_such_and_cite_a_source() -> None:
    patterns = usual_patterns()
    assert patterns.mark == "design"
    with pytest.raises(ValueError, match="gbt24476 is cited but not listed"):
        msgspec.structs.replace(patterns, sources={"own": "x", "tsg_t5002": "x", "gb7588": "x", "gb16899": "x"}).__post_init__()


def test_a_field_nobody_knows_is_refused() -> None:
    told = msgspec.to_builtins(usual_patterns()) | {"limit": 3}
    with pytest.raises(msgspec.ValidationError, match="limit"):
        msgspec.convert(told, Patterns)


def test_repeated_traces_are_worth_no_less() -> None:
    for signal in usual_patterns().signals.values():
        worth = [signal.worth(times) for times in range(5)]
        assert worth == sorted(worth)
        assert worth[0] == 0

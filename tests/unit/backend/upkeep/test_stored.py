"""Receipts as they are stored: shorter, and the same again when read."""

from __future__ import annotations

import msgspec
import pytest

from backend.upkeep import stored
from planner.intervals.facts import ElevatorFacts, ModeHistory
from planner.intervals.rules import load_pack
from tests.support.intervals import FIXED, ON_DEMAND, ORDINARY, WATCHED, computed, with_facts

FALLEN = with_facts(WATCHED, firm__credit_class="C", history=ModeHistory(effective="on_demand"))


@pytest.mark.parametrize("facts", [ORDINARY, WATCHED, FALLEN])
def test_a_receipt_read_again_is_the_receipt_that_was_stored(facts: ElevatorFacts) -> None:
    receipt = computed(facts)[1]
    written = stored.to_json(receipt)
    pack = load_pack(receipt.pack)
    assert stored.from_json(msgspec.json.decode(written), pack) == receipt
    assert len(written) < 0.7 * len(msgspec.json.encode(receipt))


def test_a_receipt_of_another_pack_has_to_be_made_anew() -> None:
    written = msgspec.json.decode(stored.to_json(computed(ORDINARY)[1]))
    assert stored.from_json(written, load_pack(ON_DEMAND)) is None


def test_a_receipt_that_cites_a_rule_that_is_no_more_has_to_be_made_anew() -> None:
    pack = load_pack(FIXED)
    written = msgspec.json.decode(stored.to_json(computed(ORDINARY)[1]))
    gap = msgspec.structs.replace(pack.visit_gap, id="visit_gap.2028")
    assert stored.from_json(written, msgspec.structs.replace(pack, visit_gap=gap)) is None
    assert stored.from_json(written | {"candidates": "none"}, pack) is None

"""The receipt: every limit with clause and source, one that binds, both languages, what would move it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from planner.intervals.facts import EventFact, ModeHistory, PeriodFact
from planner.intervals.receipt import Receipt, Text
from tests.support.intervals import LAST, ORDINARY, TODAY, WATCHED, computed, days_later, used, with_facts

EVERYTHING = with_facts(
    WATCHED,
    usage=(used("door_cycles", LAST, 20_000, 2_000.0), used("trips", LAST, 9_000, 900.0), used("run_s", LAST, 90_000, 9_000.0)),
    events=tuple(EventFact(day=TODAY, kind="door_close_fault") for _ in range(3)),
    periods=(PeriodFact(name="games", kind="major_event", starts_on=LAST, ends_on=days_later(30)),),
    history=ModeHistory(effective="on_demand"),
)
"""An elevator for which every kind of limit but the seasons gives a day."""


def texts(value: Any) -> Iterator[Text]:
    if isinstance(value, Text):
        yield value
    elif isinstance(value, msgspec.Struct):
        for name in value.__struct_fields__:
            yield from texts(getattr(value, name))
    elif isinstance(value, tuple):
        for inner in value:
            yield from texts(inner)


@pytest.mark.parametrize("facts", [ORDINARY, WATCHED, EVERYTHING, with_facts(ORDINARY, visits=(), in_use_since=None)])
def test_exactly_one_limit_binds_and_it_is_the_last_day(facts: Any) -> None:
    window, receipt = computed(facts)
    assert [candidate.binds for candidate in receipt.candidates].count(True) == 1
    assert receipt.candidates[0] == receipt.binding
    assert receipt.binding.day == receipt.last_day == window.last_day
    assert [candidate.day for candidate in receipt.candidates] == sorted(candidate.day for candidate in receipt.candidates)


def test_every_kind_of_limit_stands_in_the_receipt() -> None:
    kinds = {candidate.kind for candidate in computed(EVERYTHING)[1].candidates}
    assert kinds == {"visit_gap", "class_gap", "special_check", "wear", "fault_rate", "special_period"}


@pytest.mark.parametrize("facts", [ORDINARY, EVERYTHING, with_facts(EVERYTHING, state="stopped", filing="")])
def test_every_sentence_stands_in_both_languages(facts: Any) -> None:
    for text in texts(computed(facts)[1]):
        assert text.zh.strip()
        assert text.en.strip()
        assert not any("一" <= character <= "鿿" for character in text.en), text.en


def test_the_sentence_names_day_class_rule_clause_and_source() -> None:
    sentence = computed(ORDINARY)[1].sentence
    for part in ("2026-11-25", "half-month class", "15 days", "2026-11-10", "Article 31", "State Council Order 549"):
        assert part in sentence.en
    for part in ("2026-11-25", "半月维保", "15日", "2026-11-10", "第三十一条", "国务院令第549号"):
        assert part in sentence.zh


def test_a_limit_of_law_is_named_before_one_of_ours_on_the_same_day() -> None:
    receipt = computed(ORDINARY)[1]
    assert [candidate.kind for candidate in receipt.candidates[:2]] == ["visit_gap", "class_gap"]
    assert receipt.candidates[0].day == receipt.candidates[1].day


def test_it_says_what_would_move_the_window() -> None:
    said = " / ".join(text.en for text in computed(WATCHED)[1].would_move)
    assert "at most 30 days after it" in said
    assert "without this limit the next is" in said
    assert "silent for more than 24 h" in said
    # 12 000 - 3 000 = 9 000 until 10 December, twenty days: more than 450 a day
    more = computed(with_facts(WATCHED, usage=(used("door_cycles", LAST, 3_000, 400.0),)))[1]
    assert any("from 400 to over 450 door cycles a day" in text.en for text in more.would_move)


def test_a_fall_back_says_how_on_demand_comes_back() -> None:
    said = [text.en for text in computed(with_facts(WATCHED, firm__credit_class="C"))[1].would_move]
    assert any("once all reasons are gone and a visit was completed since" in text for text in said)


def test_it_survives_json() -> None:
    receipt = computed(EVERYTHING)[1]
    assert msgspec.json.decode(msgspec.json.encode(receipt), type=Receipt) == receipt

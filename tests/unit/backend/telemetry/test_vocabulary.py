"""The tables of counters, gauges and events."""

from __future__ import annotations

from pathlib import Path

import pytest

import planner.intervals
from backend.telemetry.vocabulary import vocabulary

STANDARD_CODES = {0, 1, 2, 3, 4, 5, 6, 7, 8, 40, 41, 42, 43, 44, 45, 46, 47, 90}


def test_every_code_of_the_standard_has_a_kind() -> None:
    words = vocabulary()
    kinds = {code: words.kind_of(f"gbt24476:{code}") for code in STANDARD_CODES}
    assert "unknown" not in kinds.values()
    assert len(set(kinds.values())) == len(STANDARD_CODES)


def test_no_other_number_has_one() -> None:
    words = vocabulary()
    others = {code for code in range(100) if code not in STANDARD_CODES}
    assert {words.kind_of(f"gbt24476:{code}") for code in others} == {"unknown"}


@pytest.mark.parametrize("driver", ["trips", "door_cycles", "run_s", "run_m", "brake_actuations", "rope_bends"])
def test_every_driver_of_wear_has_a_counter(driver: str) -> None:
    assert driver in vocabulary().counters


def test_a_second_of_running_takes_a_second() -> None:
    assert vocabulary().counters["run_s"].most_per_hour == 3600


def test_every_word_stands_in_both_languages() -> None:
    words = vocabulary()
    for table in (words.counters, words.gauges, words.kinds):
        for name, word in table.items():
            assert word.zh, name
            assert word.en, name


def test_faults_may_move_due_windows_and_modes_may_not() -> None:
    kinds = vocabulary().kinds
    assert all(kind.windows for kind in kinds.values() if kind.category == "fault")
    assert not any(kind.windows for kind in kinds.values() if kind.category == "mode")
    assert kinds["entrapment"].windows


def test_no_rule_counts_the_monitors_own_faults_nor_the_ends_of_others() -> None:
    """A kind of the monitor, or the end of something, stands in no rule pack and may move no window."""
    kinds = vocabulary().kinds
    apart = {name for name, kind in kinds.items() if kind.category in ("monitor", "close")} | {"entrapment_released"}
    assert {"monitor_fault", "fault_closed", "alarm_closed", "unknown"} <= apart
    assert not any(kinds[name].windows for name in apart)
    packs = Path(planner.intervals.__file__).parent / "packs"
    texts = [path.read_text(encoding="utf-8") for path in packs.rglob("*.toml")]
    assert texts
    for name in apart - {"unknown"}:
        assert not any(f'"{name}"' in text for text in texts), name


def test_an_end_has_a_kind_of_its_own() -> None:
    words = vocabulary()
    assert words.kind_of("jtc340:1001:close") == "fault_closed"
    assert words.kind_of("jtc340:2001:close") == "alarm_closed"
    assert words.kind_of("jtc340:lock-1:close") == "entrapment_released"
    assert words.kind_of("es1500:201:close") == "monitor_fault_closed"
    assert words.kind_of("jtc340:9999:close") == "unknown"

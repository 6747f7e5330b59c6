"""What lists of the office say about a line: the rule without its source, and details of the audit trail in words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_api.i18n import language
from mobile_api.pages.office import deeds as office_deeds
from mobile_api.pages.office import words as office_words
from mobile_api.pages.render import gist

ROOT = Path(__file__).parents[3]


@pytest.fixture(params=["zh", "en"])
def reader(request: pytest.FixtureRequest) -> Iterator[str]:
    token = language.set(request.param)
    yield request.param
    language.reset(token)


@pytest.mark.parametrize(
    ("reason", "rule"),
    [
        (
            "2026-11-27之前须完成半月维保：两次完成的维保之间不得超过15日；上次维保完成于2026-11-12"
            "（《特种设备安全监察条例》（国务院令第549号，2009年），第三十一条：至少每15日进行一次清洁）。",
            "两次完成的维保之间不得超过15日；上次维保完成于2026-11-12",
        ),
        (
            "A visit of the quarter class is due by 2026-12-01: 74% of the wear budget of 13,000 trips (a sample value,"
            " not law) is used (Design parameter of this system (not a rule of law), Sample value).",
            "74% of the wear budget of 13,000 trips (a sample value, not law) is used",
        ),
        ("A visit is due by 2026-12-01: no source here.", "no source here."),
        ("Paused", "Paused"),
        ("(all of it)", "(all of it)"),
        ("unbalanced)", "unbalanced)"),
    ],
)
def test_a_list_shows_the_rule_and_leaves_clause_and_source_to_the_receipt(reason: str, rule: str) -> None:
    assert gist(reason) == rule


def test_details_of_the_audit_trail_are_words_in_the_readers_language(reader: str) -> None:
    told = office_deeds.detail(
        {"role": "technician", "login": "li", "blank": False, "reason": "typed so", "else": 3, "by": None}
    )

    assert told == {
        "zh": "角色: 维保人员, 登录名: li, 空白: 否, 原因: typed so, else: 3",
        "en": "Role: Technician, Login: li, Blank: no, Reason: typed so, else: 3",
    }[reader]  # fmt: skip


def test_why_an_entry_is_held_or_refused_is_a_sentence_in_the_readers_language(reader: str) -> None:
    held = {"template": "{count} earlier entries of this visit are held", "params": {"count": 6}}
    told = office_deeds.detail({"entry": "departure", "why": held})
    refused = office_deeds.detail({"entries": 3, "reasons": {"bad_signature": 2, "position_mismatch": 1}})

    assert told == {
        "zh": "条目: 离场扫码, 原因: 此次维保有 6 个之前的条目待处理",
        "en": "Entry: Departure scan, Reason: 6 earlier entries of this visit are held",
    }[reader]  # fmt: skip
    assert refused == {
        "zh": "条目: 3, 原因: 不是该手机的签名 × 2; 位置与签名的不符 × 1",
        "en": "Entries: 3, Reason: not signed by this phone × 2; its position is not the one that was signed × 1",
    }[reader]  # fmt: skip


def test_values_of_a_receipt_have_their_unit_in_words(reader: str) -> None:
    told = [office_words.quantity(value) for value in ("15 d", "12 months", "13,000 trips", "2026-11-30")]

    assert told == {
        "zh": ["15 日", "12 个月", "13,000 次运行", "2026-11-30"],
        "en": ["15 days", "12 months", "13,000 trips", "2026-11-30"],
    }[reader]  # fmt: skip


def test_every_action_of_the_audit_trail_has_words() -> None:
    actions = {
        found
        for path in sorted((ROOT / "backend").rglob("*.py"))
        for found in re.findall(r'audit\([^)]*?"([a-z_]+\.[a-z_]+)"', path.read_text(), flags=re.DOTALL)
    }

    assert "levelling.requested" in actions
    assert [action for action in sorted(actions) if office_deeds.deed(action) == action] == []

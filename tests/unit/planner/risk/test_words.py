"""What makes a forecast, in words: no code of the register is left in a sentence."""

from __future__ import annotations

import re

import pytest

from planner.risk.words import factor_name, level_name


@pytest.mark.parametrize(
    ("name", "level", "zh", "en"),
    [
        ("building", "mall", "商场", "mall"),
        ("watch", "visits", "维保记录", "visits"),
        ("kind", "escalator_or_moving_walk", "自动扶梯与自动人行道", "escalator or moving walk"),
        ("use", "250–500", "每日250–500次运行", "250–500 trips a day"),
        ("site", "临海客运中心", "临海客运中心", "临海客运中心"),
    ],
)
def test_a_level_is_told_in_both_languages(name: str, level: str, zh: str, en: str) -> None:
    found = level_name(name, level)
    assert (found.zh, found.en) == (zh, en)
    assert not re.search(r"[A-Za-z_]", factor_name(name).zh)

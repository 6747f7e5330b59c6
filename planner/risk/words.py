"""Forecasts as sentences, in Chinese and English: how many are expected, between which numbers, and because of what."""

from __future__ import annotations

from planner.intervals.receipt import Text
from planner.risk.forecast import Expected, State, told_factors
from planner.risk.history import UNKNOWN
from planner.risk.model import Outcome

_NAMES = {
    "own": ("自身历史", "own history"),
    "recent": ("近期", "of late"),
    "link": ("故障水平", "its faults"),
    "make": ("制造单位", "make"),
    "model": ("型号", "model"),
    "age": ("使用年限", "age"),
    "site": ("使用地点", "site"),
    "complex": ("站点群", "complex"),
    "area": ("区域", "area"),
    "city": ("城市", "city"),
    "use": ("使用频次", "use"),
    "drive": ("驱动方式", "drive"),
    "kind": ("设备类别", "kind"),
    "building": ("场所类型", "kind of building"),
    "watch": ("数据来源", "known from"),
}
_LEVELS = {
    "building": {
        "residential": ("住宅", "homes"), "office": ("办公", "offices"), "hospital": ("医院", "hospital"),
        "mall": ("商场", "mall"), "hotel": ("酒店", "hotel"), "school": ("学校", "school"), "station": ("车站", "station"),
        "other": ("其他", "other"),
    },
    "watch": {"monitor": ("监测", "a monitor"), "visits": ("维保记录", "visits")},
    "kind": {
        "traction_or_positive_drive_lift": ("曳引与强制驱动电梯", "traction or drum elevator"),
        "hydraulic_lift": ("液压电梯", "hydraulic elevator"), "dumbwaiter": ("杂物电梯", "dumbwaiter"),
        "escalator_or_moving_walk": ("自动扶梯与自动人行道", "escalator or moving walk"),
    },
}  # fmt: skip
"""Levels that are codes of the register; others are told as the file or the register writes them."""

_COUNTED = {"faults": ("故障", "fault", "faults"), "entrapments": ("困人", "entrapment", "entrapments")}
_FACTORS_TOLD = 5
_YEAR_DAYS = 365.25


def factor_name(name: str) -> Text:
    """Return a factor's name; one that no table has is called what the file called it."""
    zh, en = _NAMES.get(name, (name, name))
    return Text(zh, en)


def level_name(name: str, level: str) -> Text:
    """Return what a level of a factor is called."""
    if level == UNKNOWN:
        return Text("未知", "not told")
    if name == "use" and level:
        return Text(f"每日{level}次运行", f"{level} trips a day")
    zh, en = _LEVELS.get(name, {}).get(level, (level, level))
    return Text(zh, en)


def expected_sentence(outcome: Outcome, found: Expected) -> Text:
    """Return how many are expected: `1.8 faults in 365 days (80 %: 0–4)`."""
    zh, one, many = _COUNTED[outcome]
    number, span = amount(found.mean), f"{found.low}–{found.high}"
    days = f"{found.days:g}"
    if abs(found.days - _YEAR_DAYS) < 1:
        return Text(
            f"预计每年{zh}{number}次（80%：{span}次）",
            f"{number} {one if number == '1' else many} a year expected (80 %: {span})",
        )
    return Text(
        f"{days}天内预计{zh}{number}次（80%：{span}次）",
        f"{number} {one if number == '1' else many} expected in {days} days (80 %: {span})",
    )


def factors_sentence(state: State) -> Text:
    """Return what makes the forecast: `own history ×1.4, make ×0.9`."""
    told = told_factors(state)[:_FACTORS_TOLD]
    if not told:
        return Text("与平均水平相同", "as the mean of all")
    zh, en = [], []
    for name, value in told:
        named, level = factor_name(name), state.levels.get(name, "")
        which = level_name(name, level)
        zh.append(f"{named.zh}{f'（{which.zh}）' if level else ''} ×{value:.2g}")
        en.append(f"{named.en}{f' ({which.en})' if level else ''} ×{value:.2g}")
    return Text("，".join(zh), ", ".join(en))


def amount(mean: float) -> str:
    """Return a mean count with as many digits as it is worth."""
    if mean >= 10:
        return f"{mean:.0f}"
    return f"{mean:.1f}" if mean >= 0.1 else f"{mean:.2f}"

"""Answers in plain sentences, English and Chinese, written by rule from codes, ids and amounts; nothing is parsed.

A form is a pair of sentences with named places. What stands in a place is put into words by its name: ``{crew}`` and
``{other}`` as people call a crew or visit, ``{day}`` as a date, ``{minutes}`` with its unit, ``{cost}`` as driving.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable, Mapping

import msgspec

from planner.rounds.explain.difference import Difference
from planner.rounds.explain.forms import FORMS
from planner.rounds.problem import Problem

MINUTE_S = 60
HOUR_MIN = 60
LONG_MIN = 120
"""From so many minutes on hours are easier to grasp."""

Value = int | str | tuple[str, ...]


class Sentence(msgspec.Struct, frozen=True):
    """The same in both languages."""

    en: str
    zh: str


class Told(msgspec.Struct, frozen=True):
    """What is to be said, as data: the form and what stands in its places."""

    form: str
    values: dict[str, Value] = {}


class Wording:
    """Puts answers about one problem into words.

    Parameters
    ----------
    problem
        Gives the date of day 0 and what a second of driving costs.
    crews, visits, banks
        What people call them, by id; ids stand for themselves where there is no name.
    """

    def __init__(
        self,
        problem: Problem,
        crews: Mapping[str, str] | None = None,
        visits: Mapping[str, str] | None = None,
        banks: Mapping[str, str] | None = None,
    ) -> None:
        self._start = problem.start_date
        self._per_s = problem.costs.travel_per_s
        self._names = {"crew": crews or {}, "other_crew": crews or {}, "other": visits or {}, "bank": banks or {}}

    def say(self, told: Told) -> Sentence:
        """Put an answer into words."""
        en, zh = FORMS[told.form]
        places = {name: self._worded(name, value) for name, value in told.values.items()}
        return Sentence(
            en.format(**{name: each.en for name, each in places.items()}),
            zh.format(**{name: each.zh for name, each in places.items()}),
        )

    def date(self, day: int) -> str:
        """Give the date of a day of the problem."""
        try:
            return (self._start + datetime.timedelta(days=day)).isoformat()
        except OverflowError:  # days may be any number, dates end with the year 9999
            return f"+{day}d"

    def cost(self, cost: int) -> Sentence:
        """Put a cost into words: as driving, which everybody can picture; in the problem's unit where driving is free."""
        if self._per_s == 0:
            return Sentence(f"{cost} units of cost", f"{cost} 个成本单位")
        driven = spell(math.ceil(abs(cost) / self._per_s / MINUTE_S))
        return Sentence(f"as much as {driven.en} of driving", f"相当于 {driven.zh}车程")

    def parts(self, difference: Difference, *, left_out: bool = False) -> Sentence:
        """Put what a plan costs more into words, kind by kind, without a full stop.

        Parameters
        ----------
        difference
            To another plan.
        left_out
            Whether to name what visits left out cost, too.
        """
        found = [
            _more(_DRIVING, difference.driving_s),
            _more(_OVERTIME, difference.overtime_s),
            self._more_cost(_DAYS, difference.days),
            self._more_cost(_CREWS, difference.crews),
            self._more_cost(_ROUTES, difference.shifts),
            self._more_cost(_MOVED, difference.changes),
            self._more_cost(_LEFT_OUT, difference.left_out) if left_out else None,
        ]
        told = [each for each in found if each is not None]
        if not told:
            return Sentence("at no cost", "没有额外代价")
        return Sentence(", ".join(each.en for each in told), "，".join(each.zh for each in told))

    def _more_cost(self, names: tuple[Sentence, Sentence], cost: int) -> Sentence | None:
        if cost == 0:
            return None
        more, worth = names[cost < 0], self.cost(cost)
        return Sentence(f"{more.en} ({worth.en})", f"{more.zh}（{worth.zh}）")

    def _worded(self, name: str, value: Value) -> Sentence:
        if name in self._names:
            called = self._names[name].get(str(value), str(value))
            return Sentence(called, called)
        if name in _BY_NAME:
            return _BY_NAME[name](self, value)
        return Sentence(str(value), str(value))

    def _date(self, value: Value) -> Sentence:
        said = self.date(int(str(value)))
        return Sentence(said, said)

    def _cost(self, value: Value) -> Sentence:
        return self.cost(int(str(value)))


def spell(minutes: int) -> Sentence:
    """Spell minutes out, long ones in hours."""
    if minutes >= LONG_MIN:
        hours, rest = divmod(minutes, HOUR_MIN)
        more_en, more_zh = (f" {rest} min", f" {rest} 分钟") if rest else ("", "")
        return Sentence(f"{hours} h{more_en}" if rest else f"{hours} hours", f"{hours} 小时{more_zh}")
    return Sentence("1 minute" if minutes == 1 else f"{minutes} minutes", f"{minutes} 分钟")


def clock(seconds: int) -> str:
    """Write a time of day, past midnight with more than 24 hours."""
    return f"{seconds // 3600:02}:{seconds % 3600 // MINUTE_S:02}"


_DRIVING = Sentence("{time} more driving", "车程多 {time}"), Sentence("{time} less driving", "车程少 {time}")
_OVERTIME = Sentence("{time} more overtime", "加班多 {time}"), Sentence("{time} less overtime", "加班少 {time}")
_DAYS = Sentence("a less suitable day", "日期较不合适"), Sentence("a more suitable day", "日期更合适")
_CREWS = Sentence("a less suitable crew", "班组较不合适"), Sentence("a more suitable crew", "班组更合适")
_ROUTES = Sentence("one more crew-day in use", "多用一个班组日"), Sentence("one crew-day less in use", "少用一个班组日")
_MOVED = (
    Sentence("changes to what is published", "变动已发布的安排"),
    Sentence("fewer changes to what is published", "减少对已发布安排的变动"),
)
_LEFT_OUT = Sentence("more left out", "不安排的更多"), Sentence("less left out", "不安排的更少")
"""What is more of something, and what is less."""


def _more(names: tuple[Sentence, Sentence], seconds: int) -> Sentence | None:
    if seconds == 0:
        return None
    time = spell(math.ceil(abs(seconds) / MINUTE_S))
    more = names[seconds < 0]
    return Sentence(more.en.format(time=time.en), more.zh.format(time=time.zh))


def _minutes(_: Wording, value: Value) -> Sentence:
    return spell(int(str(value)))


def _clock(_: Wording, value: Value) -> Sentence:
    said = clock(int(str(value)))
    return Sentence(said, said)


def _days(_: Wording, value: Value) -> Sentence:
    return Sentence("1 day" if value == 1 else f"{value} days", f"{value} 天")


def _skills(_: Wording, value: Value) -> Sentence:
    names = value if isinstance(value, tuple | list) else (str(value),)
    return Sentence(", ".join(names), "、".join(names))


_BY_NAME: dict[str, Callable[[Wording, Value], Sentence]] = {
    "day": Wording._date,  # noqa: SLF001 - of this class
    "last": Wording._date,  # noqa: SLF001
    "other_day": Wording._date,  # noqa: SLF001
    "cost": Wording._cost,  # noqa: SLF001
    "minutes": _minutes,
    "driving": _minutes,
    "overtime": _minutes,
    "from_s": _clock,
    "to_s": _clock,
    "days": _days,
    "skills": _skills,
}
"""How what stands in a place is put into words."""

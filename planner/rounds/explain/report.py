"""Answers as they are handed out: the data, and what it says in both languages."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from planner.rounds.explain.apply import Change
from planner.rounds.explain.changes import changes
from planner.rounds.explain.difference import Difference
from planner.rounds.explain.forced import WhyNot
from planner.rounds.explain.look import Look
from planner.rounds.explain.planned import Elsewhere, Planned, planned
from planner.rounds.explain.reasons import Reason
from planner.rounds.explain.words import Sentence, Wording


class SaidChange(msgspec.Struct, frozen=True):
    """A change that would let a visit be planned; `said` is one sentence with what it costs."""

    change: Change
    said: Sentence


class LeftOut(msgspec.Struct, frozen=True):
    """Why a visit is left out, and what would help: the best of every kind of change, the cheapest first."""

    visit: str
    mandatory: bool
    reason: Reason
    said: Sentence
    changes: tuple[SaidChange, ...]


class SaidElsewhere(msgspec.Struct, frozen=True):
    """Another place for a planned visit; `said` is what it costs more, or the rule that forbids it."""

    place: Elsewhere
    said: Sentence


class Here(msgspec.Struct, frozen=True):
    """Why a visit is where it is."""

    visit: Planned
    said: Sentence
    days: tuple[SaidElsewhere, ...]
    crews: tuple[SaidElsewhere, ...]


class SaidWhyNot(msgspec.Struct, frozen=True):
    """The answer to a why-not, its rules as sentences of their own."""

    answer: WhyNot
    said: Sentence
    rules: tuple[Sentence, ...]
    parts: Sentence | None
    """What costs more and what less; None where there is nothing to compare."""


def left_out(look: Look, wording: Wording, visit: str, *, helped: bool = True) -> LeftOut:
    """Explain a visit that the plan leaves out.

    Parameters
    ----------
    look, wording
        The plan, and the names for it.
    visit
        Its id.
    helped
        Whether to look for changes, too.
    """
    i = look.number(visit)
    reason = look.explainer.reason(i)
    found = changes(look, visit) if helped else ()
    said = tuple(SaidChange(change, say_change(wording, change)) for change in found)
    return LeftOut(visit, look.visit(i).mandatory, reason, wording.say(reason.told), said)


def all_left_out(look: Look, wording: Wording, *, helped: bool = True) -> Iterator[LeftOut]:
    """Explain every visit that the plan leaves out, mandatory ones first."""
    for i in sorted(look.solution.left_out(), key=lambda i: not look.visit(i).mandatory):
        yield left_out(look, wording, look.visit(i).id, helped=helped)


def here(look: Look, wording: Wording, visit: str) -> Here:
    """Explain a planned visit."""
    found = planned(look, visit)
    days, crews = (
        tuple(SaidElsewhere(each, say_elsewhere(wording, each)) for each in places) for places in (found.days, found.crews)
    )
    return Here(found, wording.say(found.told), days, crews)


def say_change(wording: Wording, change: Change) -> Sentence:
    """Put a change into one sentence, with what it costs."""
    said, parts = wording.say(change.told), wording.parts(change.difference)
    return Sentence(f"{said.en}: {parts.en}.", f"{said.zh}：{parts.zh}。")


def say_elsewhere(wording: Wording, place: Elsewhere) -> Sentence:
    """Say what another place costs more, or what forbids it."""
    if place.difference is None:
        return Sentence("", "") if place.rule is None else wording.say(place.rule.told)
    return _whole(wording.parts(place.difference))


def say_why_not(wording: Wording, answer: WhyNot) -> SaidWhyNot:
    """Put the answer to a why-not into sentences."""
    rules = tuple(wording.say(rule.told) for rule in answer.rules)
    compared: Difference | None = answer.difference or answer.alone
    parts = None if compared is None else _whole(wording.parts(compared, left_out=True))
    return SaidWhyNot(answer, wording.say(answer.told), rules, parts)


def _whole(parts: Sentence) -> Sentence:
    return Sentence(f"{parts.en[0].upper()}{parts.en[1:]}.", f"{parts.zh}。")

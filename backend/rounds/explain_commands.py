"""`liftrounds explain`: why a plan is as it is, and what would change it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click
import msgspec

from backend.errors import Fault, InvalidInput
from backend.rounds.plan_files import read_files, say

if TYPE_CHECKING:
    from planner.rounds.explain.look import Look
    from planner.rounds.explain.report import Here, LeftOut, SaidWhyNot
    from planner.rounds.explain.words import Sentence, Wording
    from planner.rounds.plan import Plan
    from planner.rounds.problem import Problem

Language = Literal["en", "zh"]

_WORDS = {
    "all_planned": ("Every visit is planned.", "全部任务均已安排。"),
    "mandatory": ("mandatory", "必须"),
    "optional": ("optional", "可延后"),
    "helps": ("Would help: ", "可行的调整："),
    "no_help": ("No single change would let it be planned.", "没有任何单项调整可以让它排入。"),
    "is_on": ("{visit}: {crew} on {day} at {time}, due {first} to {last}.",
              "{visit}：{crew}，{day} {time}，到期窗口 {first} 至 {last}。"),
    "days": ("Other days:", "其他日期："),
    "crews": ("Other crews that day:", "当天其他班组："),
    "moved_one": ("1 other visit would move.", "另有 1 项任务会变动。"),
    "moved": ("{count} other visits would move.", "另有 {count} 项任务会变动。"),
    "left_out": ("Left out then: {visits}.", "届时不再安排：{visits}。"),
    "later": ("Later than now: {visits}.", "比现在更晚：{visits}。"),
}  # fmt: skip
"""Words of this command, English and Chinese."""


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.argument("plan_file", metavar="PLAN.json", type=click.Path(path_type=Path))
@click.option("--visit", metavar="ID", help="Explain this visit; without it, every visit that is left out.")
@click.option("--day", type=click.IntRange(min=0), metavar="N", help="Why is the visit not on this day? 0 is the first.")
@click.option("--crew", metavar="ID", help="Why is the visit not with this crew?")
@click.option("--language", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Of the sentences.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object: all data, the sentences in both languages.")
def explain(
    problem_file: Path,
    plan_file: Path,
    visit: str | None,
    day: int | None,
    crew: str | None,
    language: Language,
    as_json: bool,
) -> None:
    """Explain PLAN.json: what is left out and why, why a visit is where it is, what another day or crew would cost.

    For a visit that is left out: the first rule that binds, and what would let it be planned, the cheapest first. For a planned
    one: what three days earlier and later and every other crew would cost, or the rule that forbids it. With --day or
    --crew the visit is forced there and the routes around it are planned anew.

    Exit code 2 means that a file cannot be used, or that the problem has no such visit or crew.

    \b
    Examples:
      liftrounds explain problem.json plan.json
      liftrounds explain problem.json plan.json --visit v17 --language zh
      liftrounds explain problem.json plan.json --visit v17 --day 3 --crew c2 --json
    """
    from planner.rounds.faults import FaultyInputError

    problem, plan = read_files(problem_file, plan_file)
    assert plan is not None  # noqa: S101 - a plan file was named
    if visit is None and (day is not None or crew is not None):
        raise InvalidInput("--day and --crew ask about one visit: name it with --visit")
    try:
        told = _explained(problem, plan, visit, day, crew, language, as_json)
    except FaultyInputError as error:
        faults = [Fault(fault.path, None, fault.message) for fault in error.faults]
        raise InvalidInput("this cannot be explained", faults=faults) from error
    say(told)


def _explained(
    problem: Problem, plan: Plan, visit: str | None, day: int | None, crew: str | None, language: Language, as_json: bool
) -> str:
    from planner.rounds.explain import report
    from planner.rounds.explain.forced import why_not
    from planner.rounds.explain.look import Look
    from planner.rounds.explain.words import Wording

    look, wording = Look(problem, plan), Wording(problem)
    sayer = _Sayer(look, wording, language)
    if visit is None:
        found = list(report.all_left_out(look, wording))
        return _json({"left_out": found}) if as_json else sayer.all_left_out(found)
    if day is not None or crew is not None:
        answer = report.say_why_not(wording, why_not(look, visit, crew=crew, day=day))
        return _json({"why_not": answer}) if as_json else sayer.why_not(answer)
    if look.solution.duty_of[look.number(visit)] < 0:
        missing = report.left_out(look, wording, visit)
        return _json({"left_out": [missing]}) if as_json else sayer.left_out(missing)
    here = report.here(look, wording, visit)
    return _json({"planned": here}) if as_json else sayer.planned(here)


def _json(found: dict[str, Any]) -> str:
    return msgspec.json.encode(found).decode()


class _Sayer:
    """Writes answers as lines of text."""

    def __init__(self, look: Look, wording: Wording, language: Language) -> None:
        self._look = look
        self._wording = wording
        self._language = language

    def all_left_out(self, found: list[LeftOut]) -> str:
        return "\n".join(map(self.left_out, found)) if found else self._word("all_planned")

    def left_out(self, found: LeftOut) -> str:
        kind = self._word("mandatory" if found.mandatory else "optional")
        lines = [f"{found.visit} ({kind}): {self._pick(found.said)}"]
        lines += [f"  {self._word('helps')}{self._pick(each.said)}" for each in found.changes]
        return "\n".join(lines if found.changes else [*lines, f"  {self._word('no_help')}"])

    def planned(self, found: Here) -> str:
        from planner.rounds.explain.words import clock

        at = found.visit
        date = self._wording.date
        where = {"visit": at.visit, "crew": at.crew, "day": date(at.day), "time": clock(at.start_s)}
        lines = [self._word("is_on").format(**where, first=date(at.first_day), last=date(at.last_day)), self._pick(found.said)]
        lines.append(self._word("days"))
        for day in found.days:
            who = f" {day.place.crew}" if day.place.crew else ""
            lines.append(f"  {day.place.offset:+} {date(day.place.day)}{who}: {self._pick(day.said)}")
        lines.append(self._word("crews"))
        lines += [f"  {crew.place.crew}: {self._pick(crew.said)}" for crew in found.crews]
        return "\n".join(lines)

    def why_not(self, found: SaidWhyNot) -> str:
        answer = found.answer
        lines = [self._pick(found.said)]
        lines += [self._pick(rule) for rule in found.rules if rule != found.said]
        if found.parts is not None:
            lines.append(self._pick(found.parts))
        if answer.moved:
            lines.append(self._word("moved_one" if len(answer.moved) == 1 else "moved").format(count=len(answer.moved)))
        for word, visits in (("left_out", answer.newly_left_out), ("later", answer.nearer_to_last_day)):
            if visits:
                lines.append(self._word(word).format(visits=", ".join(visits)))
        return "\n".join(lines)

    def _word(self, name: str) -> str:
        return _WORDS[name][self._language == "zh"]

    def _pick(self, said: Sentence) -> str:
        return said.zh if self._language == "zh" else said.en

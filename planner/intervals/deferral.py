"""Authorised deferral (延期): the user's consent, in a document, given before the due day, moves the gap by some days.

Never a silent overdue: without a deferral that holds, an elevator that was not seen is overdue. What may move is the gap
between two visits and the lowest class; higher classes, tests, checks, seasons, the self-check, orders and wear stay.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import msgspec
from msgspec import Struct

from planner.intervals.days import plus_days
from planner.intervals.facts import DeferralFact
from planner.intervals.pack import DeferralRules, RulePack
from planner.intervals.receipt import Text

NOT_ALLOWED = ("规则包{pack}不允许延期", "the rule pack {pack} allows no deferral")
PASSED = ("已过到期日{due}，不能补登", "the due day, {due}, has passed: it is overdue")


class Refused(Struct, frozen=True, kw_only=True):
    """Why a deferral does not hold: a sentence in both languages, with named places."""

    field: str
    zh: str
    en: str
    values: dict[str, object] = msgspec.field(default_factory=dict)

    @property
    def why(self) -> Text:
        """The sentence with its places filled in."""
        return Text(self.zh.format(**self.values), self.en.format(**self.values))


def deferral_faults(deferral: DeferralFact, pack: RulePack, due: date, others: Sequence[DeferralFact] = ()) -> list[Refused]:
    """Return everything for which a deferral does not hold.

    Parameters
    ----------
    deferral
        The deferral.
    pack
        Whose gaps count.
    due
        The last day of the running gap before any deferral.
    others
        The elevator's other deferrals, of this gap and of earlier ones.
    """
    rules = pack.deferral
    if rules is None:
        return [_refused("days", *NOT_ALLOWED, pack=pack.id)]
    same = [other for other in others if other.counted_from == deferral.counted_from]
    found = [_refused(name, "缺少", "is missing") for name in ("document", "issuer") if not getattr(deferral, name).strip()]
    if deferral.reason not in rules.reasons:
        found.append(_refused("reason", "请选择：{known}", "use one of {known}", known=", ".join(rules.reasons)))
    if deferral.reason == "other" and not deferral.words.strip():
        found.append(_refused("words", "请写明原因", "say in words what the reason is"))
    most = min(rules.most_days, pack.visit_gap.days)
    left = most - sum(other.days for other in same)
    if not 1 <= deferral.days <= left:
        found.append(_refused(
            "days", "本次间隔只可再延{left}日（合计至多{most}日）",
            "use 1 to {left} days: all deferrals of one gap may add up to {most}", left=max(left, 0), most=most,
        ))  # fmt: skip
    found += _day_faults(deferral, due)
    if deferral.entered_on > due:
        found.append(_refused("entered_on", *PASSED, due=str(due)))
    return found + _too_often(deferral, rules, others)


def _day_faults(deferral: DeferralFact, due: date) -> list[Refused]:
    """Return the days that are not before the due day, or are still to come."""
    late = {
        "consent_on": ("同意须在到期日{due}之前", "the consent must be of a day before the due day, {due}"),
        "dated_on": ("文件须在到期日{due}之前", "the document must be of a day before the due day, {due}"),
    }
    found = []
    for name, (zh, en) in late.items():
        day: date = getattr(deferral, name)
        if day >= due:
            found.append(_refused(name, zh, en, due=str(due)))
        elif day > deferral.entered_on:
            found.append(_refused(name, "日期在将来", "is in the future"))
    return found


def _too_often(deferral: DeferralFact, rules: DeferralRules, others: Sequence[DeferralFact]) -> list[Refused]:
    since = plus_days(deferral.entered_on, -365)
    gaps = {other.counted_from for other in others if other.entered_on > since} - {deferral.counted_from}
    if len(gaps) < rules.most_a_year:
        return []
    return [_refused(
        "counted_from", "365日内已有{count}个间隔延期，至多{most}个",
        "{count} gaps were deferred in 365 days already, at most {most} may be", count=len(gaps), most=rules.most_a_year,
    )]  # fmt: skip


def _refused(name: str, zh: str, en: str, **values: object) -> Refused:
    return Refused(field=name, zh=zh, en=en, values=values)


def holding(deferrals: Sequence[DeferralFact], pack: RulePack, since: date, due: date) -> tuple[DeferralFact, ...]:
    """Return the deferrals of a running gap that hold, oldest first; together they never pass the pack's days.

    Parameters
    ----------
    deferrals
        The elevator's.
    pack
        Whose gaps count.
    since
        The day from which the gap counts.
    due
        Its last day before any deferral.
    """
    held: list[DeferralFact] = []
    for deferral in sorted(deferrals, key=lambda one: (one.entered_on, one.consent_on, one.document, one.days)):
        if deferral.counted_from == since and not deferral_faults(deferral, pack, due, held):
            held.append(deferral)
    return tuple(held)

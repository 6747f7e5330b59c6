"""Authorised deferral (延期): the user's consent, in a document, given before the due day, moves the gap by some days.

Never a silent overdue: without a deferral that holds, an elevator that was not seen is overdue. What may move is the gap
between two visits and the lowest class; higher classes, tests, checks, seasons, the self-check, orders and wear stay where they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from planner.intervals.days import plus_days
from planner.intervals.facts import DeferralFact
from planner.intervals.pack import DeferralRules, RulePack
from planner.intervals.receipt import Text


class Refused(Struct, frozen=True, kw_only=True):
    """Why a deferral does not hold."""

    field: str
    why: Text


def deferral_faults(
    deferral: DeferralFact, pack: RulePack, due: date, others: Sequence[DeferralFact] = ()
) -> list[Refused]:
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
        return [
            _refused("days", "规则包不允许延期", "the rule pack allows no deferral: come by the due day, or stop the elevator")
        ]
    same = [other for other in others if other.counted_from == deferral.counted_from]
    found = [_refused(name, "缺少", "is missing") for name in ("document", "issuer") if not getattr(deferral, name).strip()]
    if deferral.reason not in rules.reasons:
        found.append(_refused("reason", "规则包不认可此原因", f"use one of {', '.join(rules.reasons)}"))
    if deferral.reason == "other" and not deferral.words.strip():
        found.append(_refused("words", "请写明原因", "say in words what the reason is"))
    most = min(rules.most_days, pack.visit_gap.days)
    left = most - sum(other.days for other in same)
    if not 1 <= deferral.days <= left:
        found.append(_refused(
            "days", f"只可延期1至{max(left, 0)}日（每个间隔合计至多{most}日）",
            f"use 1 to {max(left, 0)} days: all deferrals of one gap may add up to {most}",
        ))  # fmt: skip
    for name, zh, en in (("consent_on", "同意", "the consent"), ("dated_on", "文件", "the document")):
        if getattr(deferral, name) >= due:
            found.append(_refused(name, f"{zh}须在到期日{due}之前", f"{en} must be of a day before the due day, {due}"))
    if deferral.dated_on > deferral.entered_on:
        found.append(_refused("dated_on", "日期在将来", "is in the future"))
    if deferral.consent_on > deferral.entered_on:
        found.append(_refused("consent_on", "日期在将来", "is in the future"))
    if deferral.entered_on > due:
        found.append(_refused("entered_on", f"已过到期日{due}，不能补登", f"the due day, {due}, has passed: it is overdue"))
    return found + _too_often(deferral, rules, others)


def _too_often(deferral: DeferralFact, rules: DeferralRules, others: Sequence[DeferralFact]) -> list[Refused]:
    since = plus_days(deferral.entered_on, -365)
    gaps = {other.counted_from for other in others if other.entered_on > since} - {deferral.counted_from}
    if len(gaps) < rules.most_a_year:
        return []
    return [_refused(
        "counted_from", f"365日内已有{len(gaps)}个间隔延期，至多{rules.most_a_year}个",
        f"{len(gaps)} gaps were deferred in 365 days already, at most {rules.most_a_year} may be",
    )]  # fmt: skip


def _refused(field: str, zh: str, en: str) -> Refused:
    return Refused(field=field, why=Text(zh, en))


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

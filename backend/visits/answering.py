"""Answers to the checklist; they can change until the departure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from backend import clock, database
from backend.errors import Fault, InvalidInput
from backend.scope import Scope
from backend.visits import access, checklists, finding_queries, queries, reading
from backend.visits.inputs import AnswerInput, Result
from backend.visits.views import AnswersSaved, AnswerView, VisitState


async def answer(scope: Scope, visit: UUID, answers: Sequence[AnswerInput]) -> AnswersSaved:
    """Keep answers of an open visit; good ones are kept, bad ones listed.

    Parameters
    ----------
    scope
        The first or second technician of the visit.
    visit
        Whose checklist.
    answers
        Any part of it. Sent again they change nothing, also after the departure.

    Raises
    ------
    Conflict
        If the visit has ended and an answer differs from the one that was kept.
    """
    if len(answers) > checklists.MOST_ANSWERS:
        reason = "send at most 400 answers at a time"
        raise InvalidInput("the answers cannot be taken", faults=[Fault("answers", str(len(answers)), reason)])
    async with database.tx(scope):
        return await answer_inside(scope, visit, answers, clock.now())


async def answer_inside(scope: Scope, visit: UUID, answers: Sequence[AnswerInput], at: datetime) -> AnswersSaved:
    """Keep answers inside the caller's transaction, as given at an instant.

    Raises
    ------
    LiftroundsError
        As `answer`.
    """
    row = await access.mine(scope, visit, second_too=True)
    checklist = reading.checklist_of(row, await reading.elevator_inside(row.elevator))
    judged = checklists.judge(checklist, answers)
    with_finding = {finding.item for finding in await finding_queries.findings_of_visit(visit)}
    good, contradicting = _apart(judged.good, answers, with_finding)
    before = {a.item: a for a in await queries.answers(visit)}
    if row.state is not VisitState.OPEN and any(not _same(a, before.get(a.item)) for a in good):
        access.require_open(row)
    if row.state is VisitState.OPEN:
        await queries.save_answers(row, good, at)
    saved = {a.item for a in good}
    return AnswersSaved(
        saved=[a.item for a in good],
        forced_findings=[code for code in judged.forced if code in saved],
        rejected=[*judged.rejected, *contradicting],
        open_items=checklists.open_items(checklist, before.keys() | saved),
    )


def _apart(
    good: Sequence[AnswerInput], sent: Sequence[AnswerInput], with_finding: set[str]
) -> tuple[list[AnswerInput], list[Fault]]:
    """Return the answers that fit the findings of the visit, and the faults of those that do not."""
    kept: list[AnswerInput] = []
    faults: list[Fault] = []
    index_of = {a.item: index for index, a in reversed(list(enumerate(sent)))}
    for a in good:
        if a.item in with_finding and a.result in (Result.OK, Result.NOT_APPLICABLE):
            reason = "this item has a finding: answer finding, adjusted or replaced"
            faults.append(Fault(f"answers[{index_of[a.item]}].result", a.result.value, reason))
        else:
            kept.append(a)
    return kept, faults


def _same(sent: AnswerInput, kept: AnswerView | None) -> bool:
    return kept is not None and (sent.result, sent.measured, sent.unit or "", sent.note, sent.special_checks) == (
        kept.result, kept.measured, kept.unit, kept.note, kept.special_checks,
    )  # fmt: skip

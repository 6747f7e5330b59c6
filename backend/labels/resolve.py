"""What a scanned or typed code stands for; what stands for nothing is refused with a reason and counted."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from uuid import UUID

from backend import clock, database
from backend.errors import LabelEnded, LabelRefused
from backend.labels import queries
from backend.labels.views import LabelState, Refusal, ResolvedLabel
from backend.scope import SYSTEM
from qr import code
from qr.errors import CodeError
from qr.keys import KeyRing

_TEXTS = {
    Refusal.CHECK_FAILED: "the check character does not fit: one character is wrong or two are swapped; compare with the label",
    Refusal.WRONG_MAC: "this code was not issued here: it was mistyped, or the label is not genuine",
    Refusal.RETIRED: "the key of this label was retired and it is not in use any more: use the new label in the car",
    Refusal.UNKNOWN: "no label with this code is in the record: use another label of this elevator, or call the firm",
    Refusal.FOREIGN: "this label is not one of your firm's",
    Refusal.BLANK: "this label is not in use yet: claim it for its elevator first",
    Refusal.REVOKED: "this label was revoked and is no longer valid: use the new label in the car",
    Refusal.REPLACED: "this label was replaced and is no longer valid: use the new label in the car",
}

_MALFORMED_TEXTS = {
    "too_long": "this is too long for a label's code: scan the label in the car",
    "not_a_label_url": "this link or code is not an elevator label's: scan the label in the car",
    "empty": "no code was given: type the 15 characters that stand on the label",
    "wrong_length": "a label's code has 15 characters, and this one has not: compare with the label",
    "wrong_character": "the code has a character that is on no label: compare with the label",
}

_ENDED = (Refusal.REVOKED, Refusal.REPLACED)


async def resolve_inside(ring: KeyRing, text: str, *, firm: UUID | None) -> ResolvedLabel:
    """Return what a scanned or typed code stands for, inside the caller's transaction.

    Parameters
    ----------
    ring
        Keys of this installation.
    text
        As scanned (the whole link) or typed.
    firm
        The asker's firm; None for the public page.

    Raises
    ------
    LabelRefused
        A NotFound with its reason. It is counted per day and reason, even where the caller's transaction is undone.
    """
    row = await genuine_inside(ring, text, firm=firm, lock=False)
    if row.state is not LabelState.ACTIVE or row.elevator is None:
        raise refused_inside(Refusal(row.state), row)
    return _resolved(row, row.elevator, text)


async def resolve_at_inside(ring: KeyRing, text: str, *, firm: UUID, at: datetime, even_ended: bool = False) -> ResolvedLabel:
    """Return what a code stood for at an earlier instant: a scan that was kept offline met the label as it was then.

    Parameters
    ----------
    ring, text, firm
        As in `resolve_inside`.
    at
        When it was scanned.
    even_ended
        Whether a label counts that had ended by then: for what a manager takes by hand.

    Raises
    ------
    LabelRefused
        As in `resolve_inside`.
    """
    row = await genuine_inside(ring, text, firm=firm, lock=False)
    ended = row.state in (LabelState.REVOKED, LabelState.REPLACED)
    if row.elevator is None or (ended and not even_ended and (row.ended_at is None or row.ended_at <= at)):
        raise refused_inside(Refusal(row.state), row)
    return _resolved(row, row.elevator, text)


def _resolved(row: queries.LabelRow, elevator: UUID, text: str) -> ResolvedLabel:
    return ResolvedLabel(
        label=row.id, firm=row.firm, elevator=elevator, state=row.state, code=code.parse(text).text, zone=row.zone
    )


async def genuine_inside(ring: KeyRing, text: str, *, firm: UUID | None, lock: bool, any_key: bool = False) -> queries.LabelRow:
    """Return the label of a genuine code in whatever state it is, locked until the end of the transaction if asked.

    `any_key` is for those who decide whether a label of a retired key stays valid.

    Raises
    ------
    LabelRefused
        If the code is none of ours, or of another firm.
    """
    try:
        parsed = code.parse(text)
    except CodeError as error:
        if error.reason == Refusal.CHECK_FAILED:
            raise refused_inside(Refusal.CHECK_FAILED) from None
        raise refused_inside(Refusal.MALFORMED, template=_MALFORMED_TEXTS[error.reason]) from None
    epoch = code.verify(ring, parsed)
    retired = code.verify_retired(ring, parsed) if epoch is None else None
    if epoch is None and retired is None:
        raise refused_inside(Refusal.WRONG_MAC)
    row = await (queries.lock_label_by_code(parsed.id) if lock else queries.label_by_code(parsed.id))
    if row is None and retired is not None:
        raise refused_inside(Refusal.RETIRED, parsed=parsed)  # whoever has the leaked key may invent ids
    if row is None:
        # Row security hides other firms' labels from a firm's transaction; made with our key, it is one of those.
        raise refused_inside(Refusal.UNKNOWN if firm is None else Refusal.FOREIGN, parsed=parsed)
    if firm is not None and row.firm != firm:
        raise refused_inside(Refusal.FOREIGN, parsed=parsed)
    if row.epoch != (retired if epoch is None else epoch):
        raise refused_inside(Refusal.WRONG_MAC)  # a key that leaked was used on the id of another key's label
    if retired is not None and row.kept_at is None and not any_key:
        raise refused_inside(Refusal.RETIRED, row)
    return row


def refused_inside(
    reason: Refusal, row: queries.LabelRow | None = None, *, parsed: code.ParsedCode | None = None, template: str | None = None
) -> LabelRefused:
    """Count a refusal once the caller's transaction has ended, and return it to be raised."""
    code_id = row.code_id if row else parsed.id if parsed else ""
    database.after_tx(partial(count, reason, code_id))
    kind = LabelEnded if reason in _ENDED else LabelRefused
    return kind(template or _TEXTS[reason], reason=reason)


async def count(reason: Refusal, code_id: str) -> None:
    """Count one refusal, in a transaction of its own; `code_id` is empty for a code that is none of ours."""
    async with database.tx(SYSTEM):
        await queries.count_refused(clock.now().date(), reason, code_id)

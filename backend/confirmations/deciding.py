"""The decision of a phone that has proved the owner's number."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from backend.confirmations import codes, phones, queries, reading
from backend.confirmations.limits import ONE_VISIT
from backend.confirmations.macs import Macs
from backend.confirmations.standing import standing_inside
from backend.confirmations.views import State
from backend.errors import Conflict, NotAllowed, NotFound
from backend.visits import service as visits
from backend.visits.decider import Decider, How
from backend.visits.inputs import DecisionInput

_ENDED = {
    State.WITHDRAWN: "the firm has withdrawn this visit: there is nothing to confirm",
    State.REPLACED: "a newer code of this visit has been shown: scan that one",
    State.EXPIRED: "this code has expired: ask for a new one",
}


async def decide_inside(
    macs: Macs, text: str, tokens: Sequence[str], version: int, confirmed: bool, reason: str, now: datetime
) -> None:  # fmt: skip
    """Take the word on the version that was shown, once; for the errors see `service.decide`."""
    code = codes.read(text)
    row = None if code is None else await queries.code(codes.sha256_of(code), lock=True)
    if row is None:
        raise NotFound("there is no visit with this code")
    standing = await standing_inside(row, now)
    phone = None if standing.bar is not None else await phones.proved_inside(macs, row, standing, tokens, now)
    if phone is None:
        raise NotAllowed("this phone has not proved the owner's number, or not lately: ask for a new password")
    state = reading.ended(row, await reading.code_visit_inside(row), now)
    if state in _ENDED:
        raise Conflict(_ENDED[state])
    just_proved = phone.last_used_at is None and now - phone.created_at <= ONE_VISIT
    by = Decider(
        how=How.ONE_TIME_PASSWORD if just_proved else How.KNOWN_PHONE,
        owner=phone.owner, number_tail=phone.number_tail, known_phone=phone.id,
    )  # fmt: skip
    decision = DecisionInput(version=version, reason=reason)
    if await visits.decide_by_phone_inside(row.visit, decision, confirmed=confirmed, by=by):
        await queries.use_code(row.id, now)
        await queries.use_phone(phone.id, now)

"""Authorised deferrals: entered with their document before the due day, shown, withdrawn; refused with all reasons."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotFound
from backend.scope import Scope, of_firm
from backend.upkeep import service
from backend.upkeep.views import DeferralFile, DeferralInput
from tests.support.factory import Factory
from tests.support.upkeep import NOW, told, window

PDF = DeferralFile(name="函.pdf", content_type="", content=b"%PDF-1.7 consent")
SEEN = date(2026, 11, 14)
"""Fifteen days later is the 29th; today is the 25th."""


@pytest.fixture(autouse=True)
def _noon_in_taizhou() -> Iterator[None]:
    with clock.stopped_at(NOW):
        yield


def asked(**changes: Any) -> DeferralInput:
    given: dict[str, Any] = {
        "days": 5, "reason": "no_access", "document": "函〔2026〕7号", "issuer": "阳光花园", "dated_on": date(2026, 11, 24),
        "consent_on": date(2026, 11, 24), "consent_by": "王安全",
    }  # fmt: skip
    return DeferralInput(**(given | changes))


@pytest.fixture
async def elevator(factory: Factory, firm_scope: Scope) -> UUID:
    found = await factory.elevator(firm_scope.require_firm())
    await told(firm_scope, found, SEEN)
    return found


async def paths(scope: Scope, elevator: UUID, deferral: DeferralInput, file: DeferralFile | None = PDF) -> set[str]:
    with pytest.raises(InvalidInput) as caught:
        await service.add_deferral(scope, elevator, deferral, file)
    return {fault.path for fault in caught.value.faults}


async def test_a_deferral_moves_the_window_and_keeps_its_document(firm_scope: Scope, elevator: UUID) -> None:
    added = await service.add_deferral(firm_scope, elevator, asked(), PDF)
    assert (added.due_on, added.deferred_to, added.running) == (date(2026, 11, 29), date(2026, 12, 4), True)
    assert added.file_sha256 == hashlib.sha256(PDF.content).hexdigest()
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 4)
    receipt = (await service.receipt(firm_scope, elevator)).receipt
    assert receipt.binding.cites.rule == "deferral"
    assert "函〔2026〕7号" in receipt.sentence.zh
    file = await service.deferral_file(firm_scope, added.id)
    assert (file.name, file.content_type, file.content) == ("函.pdf", "application/pdf", PDF.content)


async def test_the_hash_of_a_document_kept_elsewhere_is_enough(firm_scope: Scope, elevator: UUID) -> None:
    added = await service.add_deferral(firm_scope, elevator, asked(file_sha256="A" * 64))
    assert (added.file_sha256, added.has_file) == ("a" * 64, False)
    with pytest.raises(NotFound):
        await service.deferral_file(firm_scope, added.id)


async def test_all_that_is_wrong_is_said_together(firm_scope: Scope, elevator: UUID) -> None:
    late = asked(days=16, consent_on=date(2026, 11, 29), dated_on=date(2026, 11, 30), document=" ", reason="other")
    assert await paths(firm_scope, elevator, late, None) == {"file", "days", "consent_on", "dated_on", "document", "words"}
    text = DeferralFile(name="a.txt", content_type="", content=b"I agree")
    assert await paths(firm_scope, elevator, asked(), text) == {"file"}
    assert await paths(firm_scope, elevator, asked(file_sha256="0" * 64)) == {"file_sha256"}
    assert await service.deferrals(firm_scope, elevator) == []


async def test_the_same_consent_is_not_counted_twice_and_another_one_adds_to_it(firm_scope: Scope, elevator: UUID) -> None:
    first = await service.add_deferral(firm_scope, elevator, asked(), PDF)
    assert await paths(firm_scope, elevator, asked()) == {"document"}
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 4)
    await service.add_deferral(firm_scope, elevator, asked(document="函〔2026〕8号", days=2), PDF)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 6)
    await service.withdraw_deferral(firm_scope, first.id, "shorter")
    await service.add_deferral(firm_scope, elevator, asked(days=3), PDF)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 4)


async def test_after_the_due_day_nothing_is_deferred_any_more(firm_scope: Scope, elevator: UUID) -> None:
    with clock.stopped_at(NOW.replace(month=11, day=30)):
        assert await paths(firm_scope, elevator, asked()) == {"days"}
        offer = await service.deferral_offer(firm_scope, elevator)
    assert (offer.most_days, offer.why_not_en) == (0, "the due day, 2026-11-29, has passed: it is overdue")


async def test_a_visit_ends_a_deferral(firm_scope: Scope, elevator: UUID) -> None:
    await service.add_deferral(firm_scope, elevator, asked(), PDF)
    await told(firm_scope, elevator, date(2026, 11, 25), "half_month")
    await service.recompute(firm_scope)
    assert (await window(firm_scope, elevator)).last_day == date(2026, 12, 10)
    assert [one.running for one in await service.deferrals(firm_scope, elevator)] == [False]


async def test_a_withdrawn_deferral_holds_no_more_and_stays_on_record(firm_scope: Scope, elevator: UUID) -> None:
    added = await service.add_deferral(firm_scope, elevator, asked(), PDF)
    with pytest.raises(InvalidInput):
        await service.withdraw_deferral(firm_scope, added.id, " ")
    await service.withdraw_deferral(firm_scope, added.id, "the door was opened")
    assert (await window(firm_scope, elevator)).last_day == date(2026, 11, 29)
    (kept,) = await service.deferrals(firm_scope, elevator)
    assert (kept.withdrawn_why, kept.running) == ("the door was opened", False)
    with pytest.raises(Conflict):
        await service.withdraw_deferral(firm_scope, added.id, "again")


async def test_another_firms_deferrals_do_not_exist(factory: Factory, firm_scope: Scope, elevator: UUID) -> None:
    added = await service.add_deferral(firm_scope, elevator, asked(), PDF)
    other = of_firm(await factory.firm())
    for call in (
        service.deferrals(other, elevator), service.deferral_offer(other, elevator), service.deferral_file(other, added.id),
        service.withdraw_deferral(other, added.id, "x"), service.add_deferral(other, elevator, asked(), PDF),
    ):  # fmt: skip
        with pytest.raises(NotFound):
            await call


async def test_what_is_public_names_no_person(firm_scope: Scope, elevator: UUID) -> None:
    await service.add_deferral(firm_scope, elevator, asked(), PDF)
    async with database.tx(firm_scope):
        (public,) = await service.deferrals_inside(elevator)
    assert public.document == "函〔2026〕7号"
    assert "王安全" not in (await window(firm_scope, elevator)).reason_zh

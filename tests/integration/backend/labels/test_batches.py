"""Batches are undone and printed again; printers are remembered per firm; every format comes out of the service."""

from __future__ import annotations

import secrets
from uuid import uuid4

import pytest

from backend.errors import InvalidInput, NotFound
from backend.labels import service
from backend.labels.views import LabelFilter, LabelState
from backend.scope import Scope, of_firm
from backend.settings import Settings
from qr import keys
from tests.support.factory import Factory
from tests.support.labels import audited

RING = keys.generate(secrets.token_bytes)


async def states(scope: Scope, batch: object) -> list[LabelState]:
    return [view.state for view in await service.all_labels(scope, RING, LabelFilter(batch=batch))]  # type: ignore[arg-type]


async def test_an_undone_batch_ends_what_nobody_claimed_and_leaves_the_rest(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    minted = await service.mint(firm_scope, RING, 4)
    batch = minted[0].batch
    await service.claim(firm_scope, RING, minted[2].code or "", elevator)
    done = await service.end_batch(firm_scope, batch, "  misprinted ", with_active=True)
    assert (done.ended, done.left) == (3, 1)
    assert await states(firm_scope, batch) == [
        LabelState.REVOKED, LabelState.REVOKED, LabelState.ACTIVE, LabelState.REVOKED
    ]  # fmt: skip
    assert (await service.label(firm_scope, RING, minted[0].id)).state_reason == "misprinted"
    again = await service.end_batch(firm_scope, batch, "misprinted")
    assert (again.ended, again.left) == (0, 1), "the same again changes nothing"
    assert (await audited(batch)).count("label.batch_ended") == 1


async def test_labels_made_for_elevators_end_with_their_batch_only_if_asked(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevators = [await factory.elevator(firm), await factory.elevator(firm)]
    batch = (await service.mint(firm_scope, RING, elevators=elevators))[0].batch
    assert (await service.end_batch(firm_scope, batch, "wrong register")).left == 2
    assert (await service.end_batch(firm_scope, batch, "wrong register", with_active=True)).ended == 2
    [listed] = await service.batches(firm_scope)
    assert (listed.batch, listed.labels, listed.active, listed.ended) == (batch, 2, 0, 2)


async def test_a_batch_is_not_undone_without_a_reason_nor_by_another_firm(factory: Factory, firm_scope: Scope) -> None:
    batch = (await service.mint(firm_scope, RING, 2))[0].batch
    with pytest.raises(InvalidInput, match="was not ended") as caught:
        await service.end_batch(firm_scope, batch, " ")
    assert caught.value.faults[0].path == "reason"
    other = of_firm(await factory.firm())
    for scope, name in ((other, batch), (firm_scope, uuid4())):
        with pytest.raises(NotFound):
            await service.end_batch(scope, name, "x")
    assert await service.batches(other) == []
    assert await states(firm_scope, batch) == [LabelState.BLANK] * 2


async def test_a_printer_is_kept_per_firm_in_tenths_of_a_millimetre(factory: Factory, firm_scope: Scope) -> None:
    other = of_firm(await factory.firm())
    await service.remember_printer(firm_scope, " office   Canon ", (0.54, -0.3))
    await service.remember_printer(other, "office Canon", (2, 2))
    [kept] = await service.printers(firm_scope)
    assert (kept.name, kept.offset_x_mm, kept.offset_y_mm) == ("office Canon", 0.5, -0.3)
    await service.remember_printer(firm_scope, "office Canon", (1, 0))
    [kept] = await service.printers(firm_scope)
    assert (kept.offset_x_mm, kept.offset_y_mm) == (1.0, 0.0)
    await service.forget_printer(firm_scope, "office Canon")
    assert await service.printers(firm_scope) == []
    assert len(await service.printers(other)) == 1


async def test_a_printer_that_cannot_be_kept_is_refused_with_all_faults(firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput) as caught:
        await service.remember_printer(firm_scope, "", (11, float("nan")))
    assert [fault.path for fault in caught.value.faults] == ["printer", "offset_x_mm", "offset_y_mm"]


async def test_zpl_and_preview_are_made_of_the_same_labels(firm_scope: Scope, settings: Settings) -> None:
    minted = await service.mint(firm_scope, RING, 3)
    ids = [view.id for view in minted]
    told: list[int] = []
    content = await service.zpl(firm_scope, RING, settings, ids, progress=told.append)
    assert content.count(b"^XA") == content.count(b"^XZ") == 3
    assert told == [1, 2, 3]
    drawn = await service.preview(firm_scope, RING, settings, ids, "L7160", 20)
    assert [(view.short_code or "") in drawn for view in minted] == [True, True, False], "only two places are left"
    for stock in service.stocks(settings):
        assert (await service.preview(firm_scope, RING, settings, ids, stock.name)).startswith("<svg")
        assert (await service.sheet(firm_scope, RING, settings, ids, stock.name)).startswith(b"%PDF")


async def test_a_wrong_order_names_every_field_with_the_way_out(firm_scope: Scope, settings: Settings) -> None:
    with pytest.raises(InvalidInput) as caught:
        await service.sheet(firm_scope, RING, settings, [], "L7160", 22, (11, 0))
    said = {fault.path: fault.reason for fault in caught.value.faults}
    assert said["start"] == "use a place on the sheet: 1 (upper left) to 21"
    assert set(said) == {"start", "labels", "offset_x_mm"}
    with pytest.raises(InvalidInput) as caught:
        await service.zpl(firm_scope, RING, settings, [], (10, 999), 9)
    assert {fault.path for fault in caught.value.faults} == {"labels", "width_mm", "height_mm", "dots_per_mm"}
    with pytest.raises(InvalidInput) as caught:
        await service.sheet(firm_scope, RING, settings, [uuid4()], "62", 2)
    assert [fault.reason for fault in caught.value.faults] == ["a roll has one label to the page: use 1"]

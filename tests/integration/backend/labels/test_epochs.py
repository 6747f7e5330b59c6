"""Key epochs: a second makes new labels while the old verify; a retired one keeps claimed labels valid without reprinting."""

from __future__ import annotations

import secrets
from uuid import UUID

import pytest

from backend import database, keyfile
from backend.errors import Conflict, LabelRefused, NotFound
from backend.labels import epochs, keyring, service
from backend.labels.views import EpochState, LabelView, Refusal
from backend.public.service import is_ours
from backend.scope import SYSTEM, Scope
from backend.settings import Settings
from qr import code
from qr.errors import KeyRingError
from qr.keys import KeyRing
from tests.support.factory import Factory
from tests.support.labels import audited


async def opens(ring: KeyRing, text: str | None) -> UUID | str:
    """The elevator that a code opens, or why it opens none."""
    assert text is not None
    try:
        async with database.tx(SYSTEM):
            return (await service.resolve_inside(ring, text, firm=None)).elevator
    except LabelRefused as refusal:
        return refusal.reason


async def one(scope: Scope, ring: KeyRing, elevator: UUID | None = None) -> LabelView:
    [view] = await service.mint(scope, ring, elevators=[elevator]) if elevator else await service.mint(scope, ring, 1)
    return view


async def test_a_second_epoch_makes_new_labels_while_the_old_keep_verifying(
    factory: Factory, firm_scope: Scope, settings: Settings
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    first = keyfile.label_keys(settings)
    other = await factory.elevator(firm_scope.require_firm())
    old = await one(firm_scope, first, elevator)
    assert await epochs.rotate(SYSTEM, settings) == 1
    ring = keyfile.label_keys(settings)
    new = await one(firm_scope, ring, other)
    assert (old.epoch, new.epoch) == (0, 1)
    assert [await opens(ring, label.code) for label in (old, new)] == [elevator, other]
    found = await service.epochs(firm_scope, ring)
    assert [(row.epoch, row.state, row.active) for row in found] == [(0, EpochState.VERIFYING, 1), (1, EpochState.MINTING, 1)]


async def test_retiring_lists_the_labels_that_stop_and_claimed_ones_stay_valid(
    factory: Factory, firm_scope: Scope, settings: Settings
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    first = keyfile.label_keys(settings)
    claimed, blank = await one(firm_scope, first, elevator), await one(firm_scope, first)
    await epochs.rotate(SYSTEM, settings)
    ring = keyfile.label_keys(settings)
    would = await service.labels_that_stop(SYSTEM, ring, 0)
    assert [view.id for view in would] == [blank.id]
    assert {view.id for view in await service.labels_that_stop(SYSTEM, ring, 0, keep_claimed=False)} == {claimed.id, blank.id}
    assert await opens(ring, blank.code) == Refusal.BLANK, "to list changes nothing"

    stopped = await epochs.retire(SYSTEM, settings, ring, 0)
    ring = keyfile.label_keys(settings)
    assert [view.id for view in stopped] == [blank.id]
    assert await opens(ring, claimed.code) == elevator
    assert await opens(ring, blank.code) == Refusal.RETIRED
    shown = await service.label(firm_scope, ring, claimed.id)
    assert shown.code == claimed.code, "it can be printed and shown again"
    assert shown.kept_at is not None
    assert await service.notices_pdf(firm_scope, ring, settings, [elevator])
    [old, _new] = await service.epochs(SYSTEM, ring)
    assert (old.state, old.kept, old.blank) == (EpochState.RETIRED, 1, 1)
    with pytest.raises(LabelRefused):
        await service.claim(firm_scope, ring, blank.short_code or "", elevator)
    assert "label_key.retired" in await audited("epoch 0")

    await epochs.restore(SYSTEM, settings, ring, 0)
    ring = keyfile.label_keys(settings)
    other = await factory.elevator(firm_scope.require_firm())
    assert (await service.claim(firm_scope, ring, blank.code or "", other)).elevator == other
    assert "label_key.restored" in await audited("epoch 0")


async def test_whoever_has_a_leaked_key_opens_nothing_with_it_once_it_is_retired(
    factory: Factory, firm_scope: Scope, settings: Settings
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    leaked = keyfile.label_keys(settings)
    await one(firm_scope, leaked, await factory.elevator(firm_scope.require_firm()))
    await epochs.rotate(SYSTEM, settings)
    ring = keyfile.label_keys(settings)
    newer = await one(firm_scope, ring, elevator)
    await epochs.retire(SYSTEM, settings, ring, 0)
    ring = keyfile.label_keys(settings)
    invented = code.mint(leaked, secrets.token_bytes)
    assert await opens(ring, invented.text) == Refusal.RETIRED
    # The id of a label of the newer key, with a second half made by the leaked one.
    forged = code.rebuild(leaked, (newer.code or "").partition("-")[0], 0)
    assert forged is not None
    assert await opens(ring, forged.text) == Refusal.WRONG_MAC
    assert await opens(ring, newer.code) == elevator


async def test_a_code_whose_second_half_is_another_epochs_is_not_genuine_even_while_both_keys_verify(
    factory: Factory, firm_scope: Scope, settings: Settings
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    first = keyfile.label_keys(settings)
    label = await one(firm_scope, first, elevator)
    await epochs.rotate(SYSTEM, settings)
    ring = keyfile.label_keys(settings)
    other = code.rebuild(ring, (label.code or "").partition("-")[0], 1)
    assert other is not None
    assert await opens(ring, other.text) == Refusal.WRONG_MAC


async def test_a_claimed_label_that_was_stopped_is_kept_again_one_by_one(
    factory: Factory, firm_scope: Scope, settings: Settings
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    first = keyfile.label_keys(settings)
    label, blank = await one(firm_scope, first, elevator), await one(firm_scope, first)
    await epochs.rotate(SYSTEM, settings)
    await epochs.retire(SYSTEM, settings, keyfile.label_keys(settings), 0, keep_claimed=False)
    ring = keyfile.label_keys(settings)
    assert await opens(ring, label.code) == Refusal.RETIRED
    assert is_ours(ring, label.code or ""), "whoever scans it is told, and not counted as somebody who guesses"
    kept = await service.keep(firm_scope, ring, label.short_code or "")
    assert (kept.code, kept.kept_at is not None) == (label.code, True)
    assert await opens(ring, label.code) == elevator
    assert (await service.keep(firm_scope, ring, str(label.id))).kept_at == kept.kept_at, "the same again changes nothing"
    with pytest.raises(Conflict, match="this one is blank"):
        await service.keep(firm_scope, ring, blank.short_code or "")
    assert await audited(label.id) == ["label.kept"]
    await service.revoke(firm_scope, ring, label.id, "stolen")
    assert await opens(ring, label.code) == Refusal.REVOKED


async def test_the_newest_and_an_unknown_epoch_are_not_retired_and_a_firm_changes_no_keys(
    firm_scope: Scope, settings: Settings
) -> None:
    ring = keyfile.label_keys(settings)
    with pytest.raises(Conflict, match="rotate first"):
        await epochs.retire(SYSTEM, settings, ring, 0)
    with pytest.raises(NotFound, match="no key of epoch 7"):
        await epochs.retire(SYSTEM, settings, ring, 7)
    with pytest.raises(Conflict, match="at the terminal"):
        await epochs.rotate(firm_scope, settings)
    assert keyfile.label_keys(settings) == ring


def test_a_running_server_takes_up_a_changed_key_file_and_keeps_the_old_while_it_is_damaged(settings: Settings) -> None:
    live = keyring.LiveRing(settings)
    before = live.current()
    keyring.rotate(settings)
    assert [key.epoch for key in live.current().keys] == [0, 1]
    path = settings.data_dir / keyfile.LABEL_KEYS
    good = path.read_bytes()
    path.write_bytes(b"{")
    assert [key.epoch for key in live.current().keys] == [0, 1]
    path.write_bytes(good)
    assert [key.epoch for key in live.current().keys] == [0, 1]
    assert before.newest.epoch == 0
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(KeyRingError):
        keyring.retire(settings, 1)
    assert path.read_bytes() == good

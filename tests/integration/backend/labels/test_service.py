"""A label's life: minted, claimed, revoked, replaced; every step may be repeated and is written down."""

from __future__ import annotations

import asyncio
import secrets
from uuid import UUID, uuid4

import pytest

from backend import database
from backend.errors import Conflict, InvalidInput, LabelEnded, LabelRefused, NotFound
from backend.labels import service
from backend.labels.views import LabelFilter, LabelState, LabelView, Refusal
from backend.scope import SYSTEM, Scope, of_firm
from qr import code, keys
from qr.keys import KeyRing
from tests.support.factory import Factory
from tests.support.labels import audited, refused_counts

RING = keys.generate(secrets.token_bytes)


async def mint_one(scope: Scope, elevator: UUID | None = None) -> tuple[LabelView, str]:
    """A label and its code."""
    [view] = await service.mint(scope, RING, elevators=[elevator]) if elevator else await service.mint(scope, RING, 1)
    assert view.code is not None
    return view, view.code


async def resolve(text: str, firm: UUID | None = None, ring: KeyRing = RING) -> UUID:
    """The elevator of a code, asked in the firm's own transaction."""
    async with database.tx(SYSTEM if firm is None else of_firm(firm)):
        return (await service.resolve_inside(ring, text, firm=firm)).elevator


async def refusal_of(text: str, firm: UUID | None = None) -> str:
    with pytest.raises(LabelRefused) as caught:
        await resolve(text, firm)
    return caught.value.reason


async def test_a_batch_of_blank_labels_has_genuine_codes_in_the_order_of_printing(firm_scope: Scope) -> None:
    minted = await service.mint(firm_scope, RING, 50)
    assert [view.number for view in minted] == list(range(1, 51))
    assert {view.state for view in minted} == {LabelState.BLANK}
    assert len({view.code for view in minted}) == 50
    assert len({view.batch for view in minted}) == 1
    assert all(code.verify(RING, code.parse(view.short_code or "")) == 0 for view in minted)


async def test_labels_for_elevators_open_them_at_once(factory: Factory, firm_scope: Scope) -> None:
    elevators = [await factory.elevator(firm_scope.require_firm()) for _ in range(3)]
    minted = await service.mint(firm_scope, RING, elevators=[*elevators, elevators[0]])
    assert [view.elevator for view in minted] == elevators
    assert [await resolve(view.code or "") for view in minted] == elevators


async def test_minting_only_what_is_missing_leaves_out_elevators_with_an_active_label(
    factory: Factory, firm_scope: Scope
) -> None:
    elevators = [await factory.elevator(firm_scope.require_firm()) for _ in range(3)]
    first, _code = await mint_one(firm_scope, elevators[1])
    minted = await service.mint(firm_scope, RING, elevators=elevators, only_missing=True)
    assert [view.elevator for view in minted] == [elevators[0], elevators[2]]
    assert await service.mint(firm_scope, RING, elevators=elevators, only_missing=True) == []
    await service.revoke(firm_scope, RING, first.id, "scratched")
    assert len(await service.mint(firm_scope, RING, elevators=elevators, only_missing=True)) == 1


async def test_what_is_missing_in_the_whole_firm_is_minted_once_even_if_two_ask(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevators = {await factory.elevator(firm) for _ in range(4)}
    await factory.elevator(firm, state="scrapped")
    await factory.elevator(await factory.firm())
    done = await asyncio.gather(*(service.mint(firm_scope, RING, only_missing=True) for _ in range(2)))
    assert sorted(len(minted) for minted in done) == [0, 4]
    assert {view.elevator for minted in done for view in minted} == elevators


async def test_a_batch_that_is_asked_for_twice_is_minted_once(firm_scope: Scope) -> None:
    batch = uuid4()
    first, second = await asyncio.gather(*(service.mint(firm_scope, RING, 7, batch=batch) for _ in range(2)))
    assert first == second
    assert (await service.labels(firm_scope, RING, LabelFilter())).total == 7
    assert await audited(batch) == ["label.minted"]
    with pytest.raises(Conflict):
        await service.mint(firm_scope, RING, 8, batch=batch)


@pytest.mark.parametrize("count", [0, -1, service.LARGEST_BATCH + 1])
async def test_a_wrong_number_of_labels_is_refused(firm_scope: Scope, count: int) -> None:
    with pytest.raises(InvalidInput):
        await service.mint(firm_scope, RING, count)


async def test_count_and_elevators_together_are_refused(factory: Factory, firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput):
        await service.mint(firm_scope, RING, 1, elevators=[await factory.elevator(firm_scope.require_firm())])


async def test_a_scrapped_elevator_gets_no_label(factory: Factory, firm_scope: Scope) -> None:
    scrapped = await factory.elevator(firm_scope.require_firm(), state="scrapped")
    with pytest.raises(InvalidInput):
        await service.mint(firm_scope, RING, elevators=[scrapped])
    _label, text = await mint_one(firm_scope)
    with pytest.raises(Conflict):
        await service.claim(firm_scope, RING, text, scrapped)


async def test_a_blank_label_is_claimed_once_and_opens_its_elevator_from_then_on(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevator, other = await factory.elevator(firm), await factory.elevator(firm)
    label, text = await mint_one(firm_scope)
    assert await refusal_of(text) == Refusal.BLANK
    claimed = await service.claim(firm_scope, RING, text, elevator)
    assert (claimed.state, claimed.elevator) == (LabelState.ACTIVE, elevator)
    assert await service.claim(firm_scope, RING, text, elevator) == claimed
    with pytest.raises(Conflict, match="belongs to elevator"):
        await service.claim(firm_scope, RING, text, other)
    assert await resolve(text, firm) == elevator
    assert await audited(label.id) == ["label.claimed"]


async def test_of_two_who_claim_a_label_at_once_one_is_refused(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevators = [await factory.elevator(firm) for _ in range(4)]
    _label, text = await mint_one(firm_scope)
    done = await asyncio.gather(*(service.claim(firm_scope, RING, text, e) for e in elevators), return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in done) == ["Conflict"] * 3 + ["LabelView"]


async def test_a_label_can_be_claimed_by_its_short_code_as_typed(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    label, _text = await mint_one(firm_scope)
    typed = (label.short_code or "").lower().replace("-", " ")
    assert (await service.claim(firm_scope, RING, typed, elevator)).id == label.id


async def test_an_elevator_has_one_label_in_its_car_and_a_second_is_refused_until_the_first_ends(
    factory: Factory, firm_scope: Scope
) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    first, _ = await mint_one(firm_scope, elevator)
    _, blank = await mint_one(firm_scope)
    with pytest.raises(InvalidInput, match="cannot be minted"):
        await mint_one(firm_scope, elevator)
    with pytest.raises(Conflict, match="in its car already"):
        await service.claim(firm_scope, RING, blank, elevator)
    await service.revoke(firm_scope, RING, first.id, "stolen")
    assert (await service.claim(firm_scope, RING, blank, elevator)).elevator == elevator


async def test_a_revoked_label_opens_nothing_and_says_why_to_the_office(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    label, text = await mint_one(firm_scope, elevator)
    revoked = await service.revoke(firm_scope, RING, label.id, "  scratched ")
    assert (revoked.state, revoked.state_reason) == (LabelState.REVOKED, "scratched")
    assert revoked.ended_at is not None
    assert await service.revoke(firm_scope, RING, label.id, "again") == revoked
    with pytest.raises(LabelEnded):
        await resolve(text)
    with pytest.raises(LabelEnded):
        await service.claim(firm_scope, RING, text, elevator)
    assert await audited(label.id) == ["label.revoked"]


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
async def test_nothing_is_revoked_without_a_reason(firm_scope: Scope, reason: str) -> None:
    label, _text = await mint_one(firm_scope)
    with pytest.raises(InvalidInput):
        await service.revoke(firm_scope, RING, label.id, reason)
    assert (await service.label(firm_scope, RING, label.id)).state is LabelState.BLANK


async def test_a_replacement_is_minted_for_the_same_elevator_and_the_old_one_ends(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    old, old_text = await mint_one(firm_scope, elevator)
    new = await service.replace(firm_scope, RING, old.id)
    assert new.elevator == elevator
    assert await resolve(new.code or "") == elevator
    assert await refusal_of(old_text) == Refusal.REPLACED
    assert await service.replace(firm_scope, RING, old.id) == new
    assert (await service.label(firm_scope, RING, old.id)).replaced_by == new.id
    with pytest.raises(Conflict):
        await service.revoke(firm_scope, RING, old.id, "too late")


async def test_a_blank_label_at_hand_takes_the_place_of_another(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevator = await factory.elevator(firm)
    old, _old_text = await mint_one(firm_scope, elevator)
    blank, blank_text = await mint_one(firm_scope)
    assert (await service.replace(firm_scope, RING, old.id, blank_text)).id == blank.id
    assert await resolve(blank_text, firm) == elevator
    _third, third_text = await mint_one(firm_scope)
    with pytest.raises(Conflict, match="by another one already"):
        await service.replace(firm_scope, RING, old.id, third_text)


async def test_a_label_cannot_take_its_own_place_nor_that_of_another_elevator_s(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    old, old_text = await mint_one(firm_scope, await factory.elevator(firm))
    _taken, taken_text = await mint_one(firm_scope, await factory.elevator(firm))
    for text in (old_text, taken_text):
        with pytest.raises(Conflict):
            await service.replace(firm_scope, RING, old.id, text)
    assert (await service.label(firm_scope, RING, old.id)).state is LabelState.ACTIVE


async def test_a_blank_label_is_not_replaced(firm_scope: Scope) -> None:
    label, _text = await mint_one(firm_scope)
    with pytest.raises(Conflict, match="revoke it instead"):
        await service.replace(firm_scope, RING, label.id)


async def test_a_revoked_label_of_an_elevator_can_still_be_replaced(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    old, _text = await mint_one(firm_scope, elevator)
    await service.revoke(firm_scope, RING, old.id, "stolen")
    assert (await service.replace(firm_scope, RING, old.id)).elevator == elevator


async def test_labels_of_another_firm_do_not_exist(factory: Factory, firm_scope: Scope) -> None:
    other_scope = of_firm(await factory.firm())
    elevator = await factory.elevator(firm_scope.require_firm())
    theirs = await factory.elevator(other_scope.require_firm())
    label, text = await mint_one(firm_scope, elevator)
    blank, blank_text = await mint_one(firm_scope)
    assert (await service.labels(other_scope, RING, LabelFilter())).total == 0
    for call in (
        service.label(other_scope, RING, label.id),
        service.find_label(other_scope, RING, text),
        service.revoke(other_scope, RING, label.id, "mine now"),
        service.replace(other_scope, RING, label.id),
        service.claim(other_scope, RING, blank_text, theirs),
        service.claim(firm_scope, RING, blank_text, theirs),
        service.mint(firm_scope, RING, elevators=[theirs]),
    ):
        with pytest.raises(NotFound):
            await call
    assert await refusal_of(text, other_scope.firm) == Refusal.FOREIGN
    assert (await service.label(firm_scope, RING, blank.id)).state is LabelState.BLANK


async def test_somebody_without_a_firm_mints_nothing(db: str) -> None:
    with pytest.raises(InvalidInput):
        await service.mint(SYSTEM, RING, 1)


async def test_the_list_is_newest_batch_first_and_goes_on_where_the_page_before_ended(firm_scope: Scope) -> None:
    first = await service.mint(firm_scope, RING, 3)
    second = await service.mint(firm_scope, RING, 4)
    expected = [view.id for view in [*second, *first]]
    seen: list[UUID] = []
    cursor = None
    for _ in range(4):
        part = await service.labels(firm_scope, RING, LabelFilter(), cursor=cursor, limit=2)
        assert part.total == 7
        seen += [view.id for view in part.rows]
        cursor = part.next_cursor
    assert cursor is None
    assert seen == expected


@pytest.mark.parametrize("cursor", ["", "x", "W10"])
async def test_a_cursor_that_is_none_of_ours_is_refused(firm_scope: Scope, cursor: str) -> None:
    with pytest.raises(InvalidInput):
        await service.labels(firm_scope, RING, LabelFilter(), cursor=cursor)


async def test_labels_are_found_by_state_elevator_batch_and_text(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    elevator = await factory.elevator(firm, registration_code="31103310022015039999", unit_name="3%楼")
    label, text = await mint_one(firm_scope, elevator)
    blank, _blank_text = await mint_one(firm_scope)

    async def found(**wanted: object) -> list[UUID]:
        return [view.id for view in (await service.labels(firm_scope, RING, LabelFilter(**wanted))).rows]  # type: ignore[arg-type]

    assert await found(state=LabelState.BLANK) == [blank.id]
    assert await found(elevator=elevator) == [label.id]
    assert await found(batch=blank.batch) == [blank.id]
    assert await found(text="2015039999") == [label.id]
    assert await found(text=f"https://x.example/e/{text.lower()}") == [label.id]
    assert await found(text="3%") == [label.id]
    assert await found(text="%") == [label.id]
    assert await found(text="nowhere") == []


async def test_a_label_whose_key_was_retired_is_shown_without_a_code(factory: Factory, firm_scope: Scope) -> None:
    elevator = await factory.elevator(firm_scope.require_firm())
    label, text = await mint_one(firm_scope, elevator)
    rotated = keys.rotate(RING, secrets.token_bytes)
    assert (await service.label(firm_scope, rotated, label.id)).code == text
    assert await resolve(text, ring=rotated) == elevator
    retired = keys.retire(rotated, 0)
    assert (await service.label(firm_scope, retired, label.id)).code is None
    with pytest.raises(LabelRefused):
        await resolve(text, ring=retired)


async def test_every_refusal_has_its_reason_and_is_counted_once_per_scan(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    revoked, revoked_text = await mint_one(firm_scope, await factory.elevator(firm))
    replaced, replaced_text = await mint_one(firm_scope, await factory.elevator(firm))
    blank, blank_text = await mint_one(firm_scope)
    await service.revoke(firm_scope, RING, revoked.id, "scratched")
    await service.replace(firm_scope, RING, replaced.id)
    unknown = code.mint(RING, secrets.token_bytes).text
    forged = code.mint(keys.generate(secrets.token_bytes), secrets.token_bytes)
    short = forged.short_code
    slip = ("1" if short[0] != "1" else "2") + short[1:]
    expected = {
        "garbage": Refusal.MALFORMED,
        "https://example.com/": Refusal.MALFORMED,
        "": Refusal.MALFORMED,
        "8" * 600: Refusal.MALFORMED,
        slip: Refusal.CHECK_FAILED,
        forged.text: Refusal.WRONG_MAC,
        unknown: Refusal.UNKNOWN,
        blank_text: Refusal.BLANK,
        revoked_text: Refusal.REVOKED,
        replaced_text: Refusal.REPLACED,
    }
    for text, reason in expected.items():
        assert await refusal_of(text) == reason
    counts = await refused_counts()
    assert counts == {reason: 4 if reason is Refusal.MALFORMED else 1 for reason in set(expected.values())}
    for _ in range(3):
        await refusal_of(revoked_text, firm)
    assert (await refused_counts())[Refusal.REVOKED] == 4
    own = await service.refused(firm_scope)
    assert {(row.reason, row.label, row.times) for row in own} == {
        (Refusal.REVOKED, revoked.id, 4), (Refusal.REPLACED, replaced.id, 1), (Refusal.BLANK, blank.id, 1)
    }  # fmt: skip
    assert await service.refused(of_firm(await factory.firm())) == []
    assert sum(row.times for row in await service.refused(SYSTEM)) == 13


async def test_a_count_survives_even_where_the_asker_s_transaction_is_undone(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    _blank, text = await mint_one(firm_scope)

    async def write_then_scan() -> None:
        async with database.tx(firm_scope):
            await database.execute("INSERT INTO owner (firm, name) VALUES ($1, 'undone')", firm)
            await service.resolve_inside(RING, text, firm=firm)

    with pytest.raises(LabelRefused):
        await write_then_scan()
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM owner WHERE name = 'undone'") == 0
    assert await refused_counts() == {Refusal.BLANK: 1}


async def test_a_count_is_kept_where_the_asker_goes_on_after_the_refusal(firm_scope: Scope) -> None:
    async with database.tx(firm_scope):
        with pytest.raises(LabelRefused):
            await service.resolve_inside(RING, "garbage", firm=firm_scope.firm)
    assert await refused_counts() == {Refusal.MALFORMED: 1}


async def test_many_refusals_at_once_are_all_counted(db: str) -> None:
    forged = code.mint(keys.generate(secrets.token_bytes), secrets.token_bytes).text
    reasons = await asyncio.gather(*(refusal_of(forged) for _ in range(40)))
    assert set(reasons) == {Refusal.WRONG_MAC}
    assert await refused_counts() == {Refusal.WRONG_MAC: 40}

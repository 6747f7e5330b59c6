"""Technicians change their day: the planner's rules are kept, those concerned are told, and what comes too late is refused."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from backend import clock, database
from backend.errors import Conflict, InvalidInput, NotAllowed, NotFound, Outdated
from backend.people.service import create_account
from backend.rounds import service
from backend.rounds.day_change_views import (
    MarkInput,
    MarkKind,
    OrderInput,
    RejectionInput,
    RoundState,
    SwapChoice,
    SwapInput,
    SwapState,
    SwapView,
)
from backend.rounds.day_moves import facts_inside
from backend.rounds.repair_day import question
from backend.rounds.repair_views import CancelEvent, Events
from backend.rounds.views import CrewDay, OrderState
from backend.scope import SYSTEM, Role, Scope
from planner.rounds.evaluate import evaluate
from tests.support.factory import Factory, insert
from tests.support.planned_firm import MONDAY, PlannedFirm, change, set_windows

EARLY_S = 7 * 3600
"""Before anybody sets off."""


class Day:
    """Monday, published for two crews, and a technician of each."""

    def __init__(self, firm: PlannedFirm, scopes: list[Scope]) -> None:
        self.firm, self.scopes = firm, scopes

    @staticmethod
    def at(seconds: float) -> datetime:
        return datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=UTC) - timedelta(hours=8) + timedelta(seconds=seconds)

    async def rounds(self) -> list[CrewDay]:
        """Return the rounds in the order of the firm's crews; a crew without one is left out."""
        found = {each.crew: each for each in await service.published_rounds(self.firm.scope, MONDAY)}
        return [found[crew] for crew in self.firm.crews if crew in found]

    async def left(self, number: int = 0) -> list[UUID]:
        """Return the stops of a crew that nobody has begun, in order."""
        return [stop.id for stop in (await self.rounds())[number].stops if stop.state is OrderState.SCHEDULED]

    async def reject(self, stop: UUID, *, seconds: float = EARLY_S, scope: Scope | None = None, **given: Any) -> Any:
        values: dict[str, Any] = {"id": uuid4(), "work_order": stop, "reason": "no_access", "at": self.at(seconds)}
        with clock.stopped_at(self.at(seconds)):
            return await service.reject_stop(scope or self.scopes[0], RejectionInput(**(values | given)))

    async def order(self, orders: list[UUID], *, seconds: float = EARLY_S, do: bool = False, **given: Any) -> Any:
        values: dict[str, Any] = {"round_version": (await self.rounds())[0].version, "work_orders": orders}
        data = OrderInput(**(values | given))
        with clock.stopped_at(self.at(seconds)):
            return await (service.apply_order if do else service.check_order)(self.scopes[0], data)

    async def choices(self, stop: UUID, seconds: float = EARLY_S) -> list[SwapChoice]:
        with clock.stopped_at(self.at(seconds)):
            return (await service.swap_choices(self.scopes[0], stop)).rows

    async def offer(self, choice: SwapChoice, seconds: float = EARLY_S, **given: Any) -> SwapView:
        values: dict[str, Any] = {"id": uuid4(), "gives": choice.gives, "takes": choice.takes, "to_crew": choice.to_crew}
        with clock.stopped_at(self.at(seconds)):
            return await service.offer_swap(self.scopes[0], SwapInput(**(values | given)))

    async def accept(self, offer: SwapView, seconds: float = EARLY_S + 60, scope: Scope | None = None) -> SwapView:
        with clock.stopped_at(self.at(seconds)):
            return await service.accept_swap(scope or self.scopes[1], offer.id)

    async def broken(self, seconds: float = EARLY_S) -> list[str]:
        """Return what the published rounds break, by the planner's own evaluator."""
        with clock.stopped_at(self.at(seconds)):
            async with database.tx(self.firm.scope):
                asked = question(await facts_inside(self.firm.firm), Events(), [])
        return [each.message for each in evaluate(asked.problem, asked.plan).violations]

    async def told(self, scope: Scope) -> list[str]:
        """Return the titles in somebody's inbox, oldest first."""
        async with database.tx(SYSTEM):
            rows = await database.fetch("SELECT title_en FROM message WHERE account = $1 ORDER BY created_at", scope.account)
        return [row["title_en"] for row in rows]


async def technician_scope(firm: PlannedFirm, technician: UUID) -> Scope:
    login = f"t{uuid4().hex[:12]}"
    made = await create_account(
        SYSTEM, login=login, password="0123456789", role=Role.TECHNICIAN, name=login, firm=firm.firm, technician=technician
    )
    return Scope(firm=firm.firm, role=Role.TECHNICIAN, account=made.id, technician=technician)


@pytest.fixture
async def day(firm: PlannedFirm, solver_here: None) -> Day:
    await set_windows(firm.firm, firm.elevators, [(MONDAY, MONDAY)] * 9)
    run = await service.request_run(firm.scope, MONDAY, 1)
    await service.execute_run(run.id)
    await service.commit_run(firm.scope, run.id)
    await service.publish_run(firm.scope, run.id)
    found = Day(firm, [await technician_scope(firm, people[0]) for people in firm.technicians])
    assert [len(each.stops) >= 2 for each in await found.rounds()] == [True, True]
    return found


async def manager(day: Day) -> Scope:
    made = await create_account(
        SYSTEM, login=f"m{uuid4().hex[:12]}", password="0123456789", role=Role.MANAGER, name="Manager", firm=day.firm.firm
    )
    return Scope(firm=day.firm.firm, role=Role.MANAGER, account=made.id)


async def begin(day: Day, number: int, seconds: float) -> UUID:
    """Make a crew arrive at its first stop that is left."""
    stop = next(each for each in (await day.rounds())[number].stops if each.state is OrderState.SCHEDULED)
    await insert(
        "visit", id=uuid4(), firm=day.firm.firm, elevator=stop.elevator, work_order=stop.id, maintenance_class="half_month",
        rule_pack="cn-fixed-15", technician=day.firm.technicians[number][0], state="open", arrived_at=day.at(seconds),
    )  # fmt: skip
    async with database.tx(day.firm.scope):
        await service.set_order_state_inside(stop.id, OrderState.IN_PROGRESS)
    return stop.id


# Start, pause, resume.


async def mark(day: Day, kind: MarkKind, seconds: float, *, now_s: float | None = None, **given: Any) -> Any:
    values: dict[str, Any] = {"id": uuid4(), "kind": kind, "at": day.at(seconds)}
    with clock.stopped_at(day.at(now_s or seconds)):
        return await service.mark_round(day.scopes[0], MarkInput(**(values | given)))


async def test_marks_count_by_the_phone_s_time_whenever_and_in_whatever_order_they_arrive(day: Day) -> None:
    start, id = 8 * 3600, uuid4()  # noqa: A001 - as in the input
    late = start + 10 * 3600
    await mark(day, MarkKind.RESUME, start + 2400, now_s=late)
    await mark(day, MarkKind.START, start, now_s=late)
    for _ in range(2):
        found = await mark(day, MarkKind.PAUSE, start + 1800, now_s=late, id=id, note="flat tyre")
    assert found.state is RoundState.RUNNING
    assert found.started_at == day.at(start)
    assert found.paused_s == 600
    with clock.stopped_at(day.at(late)):
        office = await service.office_changes(day.firm.scope, MONDAY)
    assert [(each.crew, each.paused_s) for each in office.rounds] == [(day.firm.crews[0], 600)]
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM day_mark") == 3
        deeds = await database.fetch("SELECT action FROM audit_event WHERE action LIKE 'round.%' ORDER BY action")
    assert [row["action"] for row in deeds if row["action"] != "round.published"] == [
        "round.paused", "round.resumed", "round.started",
    ]  # fmt: skip


async def test_a_pause_shows_with_its_words_and_a_phone_that_runs_ahead_marks_the_present(day: Day) -> None:
    found = await mark(day, MarkKind.PAUSE, 9 * 3600 + 900, now_s=9 * 3600, note="lunch")
    assert found.state is RoundState.PAUSED
    assert found.since == day.at(9 * 3600)
    assert found.note == "lunch"


async def test_a_mark_is_its_makers_alone_and_not_from_long_ago(day: Day) -> None:
    id = uuid4()  # noqa: A001
    await mark(day, MarkKind.START, 8 * 3600, id=id)
    with pytest.raises(Conflict, match="something else"), clock.stopped_at(day.at(8 * 3600)):
        await service.mark_round(day.scopes[1], MarkInput(id=id, kind=MarkKind.START, at=day.at(8 * 3600)))
    with pytest.raises(InvalidInput):
        await mark(day, MarkKind.START, 8 * 3600, now_s=9 * 86_400)
    with pytest.raises(NotAllowed), clock.stopped_at(day.at(8 * 3600)):
        await service.mark_round(day.firm.scope, MarkInput(id=uuid4(), kind=MarkKind.START, at=day.at(8 * 3600)))


async def test_the_planner_lets_a_crew_that_pauses_stand_where_it_is(day: Day) -> None:
    first = (await day.rounds())[0]
    depart_s = first.depart_s
    await mark(day, MarkKind.START, depart_s)
    await mark(day, MarkKind.PAUSE, depart_s + 60)
    with clock.stopped_at(day.at(depart_s + 3600)):
        async with database.tx(day.firm.scope):
            asked = question(await facts_inside(day.firm.firm), Events(), [])
    [told] = [each for each in asked.today.progress if asked.crew_of[each.crew] == day.firm.crews[0]]
    assert told.departed_s == depart_s
    assert told.position is not None
    assert told.position.at_s == depart_s + 3600
    said = await day.order(await day.left(), seconds=depart_s + 3600)
    assert said.breaks == [] or all(breach.already for breach in said.breaks)
    with clock.stopped_at(day.at(depart_s + 3600)):
        found = await service.propose_repair(day.firm.scope, Events(cancelled=[CancelEvent(order=(await day.left())[-1])]))
    assert found.options


# Handed back.


async def test_a_stop_handed_back_is_off_the_round_told_to_the_office_and_can_be_planned_again(day: Day) -> None:
    office = await manager(day)
    stop = (await day.left())[-1]
    id = uuid4()  # noqa: A001
    versions = [each.version for each in await day.rounds()]
    for _ in range(2):
        found = await day.reject(stop, id=id, note="gate locked")
    assert found.reason_en == "No access to the site"
    [line] = [each for each in (await day.rounds())[0].stops if each.id == stop]
    assert line.state is OrderState.CANCELLED
    assert "gate locked" in line.state_reason
    assert "无法进入现场" in line.state_reason
    assert [each.version for each in await day.rounds()] == [versions[0] + 1, versions[1]]
    [told] = [title for title in await day.told(office) if "hands back" in title]
    assert "due until 2026-11-30" in told
    run = await service.request_run(day.firm.scope, MONDAY + timedelta(days=1), 2)
    async with database.tx(SYSTEM):
        planned = await database.fetch_value("SELECT snapshot::text FROM plan_run WHERE id = $1", run.id)
    assert str(found.elevator) in planned


async def test_a_stop_handed_back_is_taken_up_again_as_long_as_nothing_has_followed(day: Day) -> None:
    before = (await day.rounds())[0].stops
    stop = (await day.left())[-1]
    found = await day.reject(stop)
    with clock.stopped_at(day.at(EARLY_S + 60)):
        undone = await service.undo_rejection(day.scopes[0], found.id)
        assert (await service.undo_rejection(day.scopes[0], found.id)).undone_at == undone.undone_at
    assert (await day.rounds())[0].stops == before
    again = await day.reject(stop)
    await day.reject((await day.left())[0])
    with pytest.raises(Conflict, match="changed since"), clock.stopped_at(day.at(EARLY_S + 60)):
        await service.undo_rejection(day.scopes[0], again.id)
    with pytest.raises(NotFound), clock.stopped_at(day.at(EARLY_S + 60)):
        await service.undo_rejection(day.scopes[1], again.id)


async def test_only_one_s_own_stops_that_nobody_has_begun_are_handed_back(day: Day) -> None:
    begun = await begin(day, 0, 8 * 3600)
    with pytest.raises(Conflict, match="under way"):
        await day.reject(begun)
    with pytest.raises(Conflict, match="round of"):
        await day.reject((await day.left(1))[0])
    with pytest.raises(NotFound):
        await day.reject(uuid4())
    with pytest.raises(InvalidInput) as refused:
        await day.reject((await day.left())[0], reason="other")
    assert [fault.path for fault in refused.value.faults] == ["note"]
    with pytest.raises(InvalidInput):
        await day.reject((await day.left())[0], reason="bored")


async def test_a_stop_handed_back_in_a_cellar_arrives_late_and_counts_for_its_day(day: Day) -> None:
    stop = (await day.left())[-1]
    with clock.stopped_at(day.at(86_400 + 3600)):
        await service.miss_past_orders()
        data = RejectionInput(id=uuid4(), work_order=stop, reason="no_power", at=day.at(15 * 3600))
        found = await service.reject_stop(day.scopes[0], data)
        assert found.at == day.at(15 * 3600)
        with pytest.raises(Conflict, match="over"):
            await service.reject_stop(
                day.scopes[0],
                RejectionInput(id=uuid4(), work_order=(await day.rounds())[0].stops[0].id, reason="no_power", at=clock.now()),
            )


# Another order.


async def test_an_order_is_done_as_it_was_said_and_keeps_every_rule(day: Day) -> None:
    assert await day.broken() == []
    left = await day.left()
    done = 0
    for wanted in itertools.permutations(left):
        said = await day.order(list(wanted))
        if said.breaks:
            with pytest.raises(Conflict, match="not possible"):
                await day.order(list(wanted), do=True, confirmed=True)
            continue
        version = (await day.rounds())[0].version
        await day.order(list(wanted), do=True, confirmed=True)
        after = (await day.rounds())[0]
        assert [stop.id for stop in after.stops] == list(wanted)
        assert [stop.start_s for stop in after.stops] == [time.start_s for time in said.stops]
        assert after.return_s == said.side.return_s
        assert (after.version > version) == bool(said.changes)
        assert await day.broken() == []
        done += 1
        if done == 6:
            break
    assert done >= 2


async def test_a_later_end_is_confirmed_first_and_a_missed_hour_is_refused_with_its_sentence(day: Day) -> None:
    left = await day.left()
    first = (await day.rounds())[0]
    soft = None
    for wanted in itertools.permutations(left):
        said = await day.order(list(wanted))
        if said.warnings and not said.breaks:
            soft = list(wanted)
            break
    assert soft is not None
    with pytest.raises(InvalidInput, match="confirmed"):
        await day.order(soft, do=True)
    assert (await day.rounds())[0] == first
    await day.order(soft, do=True, confirmed=True)
    assert await day.left() == soft
    site = next(stop.site for stop in first.stops if stop.id == soft[0])
    hours = [{"from_s": 8 * 3600, "to_s": 8 * 3600 + 1800}]
    await change("UPDATE site SET access_hours = $2 WHERE id = $1", site, hours)
    late = [order for order in soft if order not in {s.id for s in first.stops if s.site == site}]
    late += [order for order in soft if order not in late]
    said = await day.order(late)
    [*_, breach] = said.breaks
    assert breach.code == "window"
    assert "08:00–08:30" in breach.en
    assert "08:00–08:30" in breach.zh
    with pytest.raises(Conflict, match="08:00–08:30"):
        await day.order(late, do=True, confirmed=True)


async def test_a_stop_whose_site_has_no_position_is_named(day: Day) -> None:
    first = (await day.rounds())[0]
    await change("UPDATE site SET lat = NULL, lon = NULL WHERE id = $1", first.stops[0].site)
    with pytest.raises(InvalidInput) as refused:
        await day.order([stop.id for stop in first.stops])
    assert {fault.reason for fault in refused.value.faults} == {"its site has no position: enter one first"}


async def test_stops_under_way_stay_and_an_old_round_is_refused(day: Day) -> None:
    version = (await day.rounds())[0].version
    begun = await begin(day, 0, 8 * 3600)
    left = await day.left()
    with pytest.raises(Outdated):
        await day.order(left[::-1], seconds=8 * 3600 + 60, round_version=version, do=True)
    with pytest.raises(InvalidInput, match="order of your stops"):
        await day.order([begun, *left], seconds=8 * 3600 + 60)
    said = await day.order(left[::-1], seconds=8 * 3600 + 60)
    if not said.breaks:
        await day.order(left[::-1], seconds=8 * 3600 + 60, do=True, confirmed=True)
        assert [stop.id for stop in (await day.rounds())[0].stops] == [begun, *left[::-1]]


async def test_the_mates_are_told_of_another_order_and_the_asker_is_not(day: Day) -> None:
    mate = await technician_scope(day.firm, day.firm.technicians[0][1])
    left = await day.left()
    wanted = None
    for each in itertools.permutations(left):
        if list(each) != left and not (await day.order(list(each))).breaks:
            wanted = list(each)
            break
    assert wanted is not None
    await day.order(wanted, do=True, confirmed=True)
    assert "Your crew has put today's stops in another order" in await day.told(mate)
    assert "Your crew has put today's stops in another order" not in await day.told(day.scopes[0])


# Swaps.


async def any_choice(day: Day, *, exchange: bool | None = None) -> SwapChoice:
    for stop in await day.left():
        for choice in await day.choices(stop):
            if exchange is None or (choice.takes is not None) == exchange:
                return choice
    raise AssertionError("no swap is offered")


@pytest.mark.parametrize("exchange", [True, False])
async def test_a_swap_that_is_accepted_keeps_every_rule_and_both_are_told(day: Day, *, exchange: bool) -> None:
    choice = await any_choice(day, exchange=exchange)
    mine, theirs = await day.left(0), await day.left(1)
    offer = await day.offer(choice)
    assert offer.state is SwapState.OFFERED
    assert any("offers you a swap" in title for title in await day.told(day.scopes[1]))
    assert await day.left(0) == mine, "an offer changes nothing"
    found = await day.accept(offer)
    assert found.state is SwapState.ACCEPTED
    assert (await day.accept(offer)).decided_at == found.decided_at
    assert await day.broken() == []
    rounds = {each.crew: [stop.id for stop in each.stops] for each in await day.rounds()}
    given = {choice.takes} if choice.takes else set()
    assert set(rounds.get(day.firm.crews[0], [])) == set(mine) - {choice.gives} | given
    assert set(rounds[day.firm.crews[1]]) == set(theirs) - given | {choice.gives}
    assert any("goes to" in title for title in await day.told(day.scopes[0]))
    assert any("comes to you" in title for title in await day.told(day.scopes[1])) is False, "who accepted knows"
    run = await service.request_run(day.firm.scope, MONDAY, 1)
    assert run.outline.kept == 9


async def test_every_swap_that_is_listed_can_be_made_and_is_valid_on_both_rounds(day: Day) -> None:
    before = await rows()
    tried = 0
    for stop in await day.left():
        for choice in await day.choices(stop):
            await day.accept(await day.offer(choice))
            assert await day.broken() == []
            await put_back(before)
            tried += 1
            if tried == 8:
                return
    assert tried >= 2


async def rows() -> list[dict[str, Any]]:
    async with database.tx(SYSTEM):
        return [dict(row) for row in await database.fetch(
            "SELECT w.id, w.round, w.position, w.arrive_s, w.start_s, w.leave_s, r.depart_s, r.return_s, r.break_start_s,"
            " r.break_duration_s FROM work_order w JOIN published_round r ON r.id = w.round ORDER BY w.id"
        )]  # fmt: skip


async def put_back(before: list[dict[str, Any]]) -> None:
    """Lay the rounds as they were."""
    async with database.tx(SYSTEM):
        await database.execute("UPDATE work_order SET position = -1 - position")
        for row in before:
            await database.execute(
                "UPDATE work_order SET round = $2, position = $3, arrive_s = $4, start_s = $5, leave_s = $6 WHERE id = $1",
                *list(row.values())[:6],
            )
            await database.execute(
                "UPDATE published_round SET depart_s = $2, return_s = $3, break_start_s = $4, break_duration_s = $5"
                " WHERE id = $1",
                row["round"], row["depart_s"], row["return_s"], row["break_start_s"], row["break_duration_s"],
            )  # fmt: skip


async def test_of_two_that_accept_at_once_the_rounds_change_once(day: Day) -> None:
    offer = await day.offer(await any_choice(day))
    other = await technician_scope(day.firm, day.firm.technicians[1][1])
    with clock.stopped_at(day.at(EARLY_S + 60)):
        found = await asyncio.gather(
            *(service.accept_swap(scope, offer.id) for scope in (day.scopes[1], other)), return_exceptions=True
        )
    assert any(not isinstance(each, BaseException) for each in found)
    assert all(isinstance(each, Outdated) or not isinstance(each, BaseException) for each in found)
    async with database.tx(SYSTEM):
        assert await database.fetch_value("SELECT count(*) FROM audit_event WHERE action = 'swap.accepted'") == 1


async def test_a_swap_is_refused_once_a_round_has_changed_and_survives_a_stop_that_was_begun(day: Day) -> None:
    choice = await any_choice(day)
    offer = await day.offer(choice)
    other = next(stop for stop in await day.left() if stop != choice.gives)
    await day.reject(other)
    with pytest.raises(Outdated, match="changed since"):
        await day.accept(offer)
    assert (await service.swap_offer(day.scopes[1], offer.id)).state in (SwapState.OFFERED, SwapState.EXPIRED)


async def test_a_swap_of_a_stop_that_was_begun_meanwhile_is_refused(day: Day) -> None:
    first = (await day.left())[0]
    choices = await day.choices(first)
    assert choices, "the first stop can be given away as long as nobody is there"
    offer = await day.offer(choices[0])
    await begin(day, 0, EARLY_S + 30)
    with pytest.raises(Outdated):
        await day.accept(offer)


async def test_an_offer_ends_and_who_declines_or_withdraws_changes_nothing(day: Day) -> None:
    before = await rows()
    choice = await any_choice(day)
    offer = await day.offer(choice)
    with pytest.raises(Conflict, match="already"):
        await day.offer(choice)
    with pytest.raises(NotFound), clock.stopped_at(day.at(EARLY_S + 60)):
        await service.accept_swap(day.scopes[0], offer.id)
    with pytest.raises(NotFound), clock.stopped_at(day.at(EARLY_S + 60)):
        await service.withdraw_swap(day.scopes[1], offer.id)
    with pytest.raises(Conflict, match="in time"):
        await day.accept(offer, EARLY_S + 31 * 60)
    second = await day.offer(choice, EARLY_S + 32 * 60)
    with clock.stopped_at(day.at(EARLY_S + 33 * 60)):
        assert (await service.decline_swap(day.scopes[1], second.id)).state is SwapState.DECLINED
        assert (await service.decline_swap(day.scopes[1], second.id)).state is SwapState.DECLINED
        with pytest.raises(Conflict, match="decided"):
            await service.withdraw_swap(day.scopes[0], second.id)
    assert any("does not take" in title for title in await day.told(day.scopes[0]))
    third = await day.offer(choice, EARLY_S + 34 * 60)
    with clock.stopped_at(day.at(EARLY_S + 35 * 60)):
        assert (await service.withdraw_swap(day.scopes[0], third.id)).state is SwapState.WITHDRAWN
    with pytest.raises(Conflict, match="decided"):
        await day.accept(third, EARLY_S + 36 * 60)
    assert await rows() == before


async def test_the_repair_of_the_day_keeps_what_was_swapped(day: Day) -> None:
    choice = await any_choice(day)
    await day.accept(await day.offer(choice))
    other = next(stop for stop in await day.left(1) if stop != choice.gives)
    with clock.stopped_at(day.at(EARLY_S + 120)):
        found = await service.propose_repair(day.firm.scope, Events(cancelled=[CancelEvent(order=other)]))
        await service.apply_repair(day.firm.scope, found.id)
    assert choice.gives in await day.left(1)


async def test_the_phone_s_day_has_what_was_changed_and_another_firm_sees_nothing(day: Day, factory: Factory) -> None:
    choice = await any_choice(day)
    offer = await day.offer(choice)
    found = await day.reject(next(stop for stop in await day.left() if stop not in (choice.gives, choice.takes)))
    with clock.stopped_at(day.at(EARLY_S + 60)):
        async with database.tx(day.firm.scope):
            mine = await service.day_changes_inside(day.firm.firm, day.firm.technicians[0][0], MONDAY)
            theirs = await service.day_changes_inside(day.firm.firm, day.firm.technicians[1][0], MONDAY)
    assert mine is not None
    assert theirs is not None
    assert [each.id for each in mine.outgoing] == [offer.id]
    assert [each.id for each in mine.rejections] == [found.id]
    assert [each.id for each in theirs.incoming] == [offer.id]
    assert theirs.rejections == []
    assert mine.reasons
    stranger = Scope(firm=await factory.firm(), role=Role.MANAGER, account=None)
    assert (await service.office_changes(stranger, MONDAY)).swaps == []
    with pytest.raises(NotFound):
        await service.swap_offer(stranger, offer.id)

"""Swaps between colleagues: offered is only what the planner allows on both rounds, and it is asked again when accepted."""

from __future__ import annotations

import asyncio
from uuid import UUID

import msgspec

from backend import clock, database
from backend.errors import Conflict, NotFound, Outdated
from backend.messages.telling import tell_crew_inside, tell_technician_inside
from backend.messages.views import Kind
from backend.people.service import audit
from backend.rounds import day_change_queries as changes
from backend.rounds.day_change_queries import NewOffer, OfferRow
from backend.rounds.day_change_views import (
    MOST_SWAPS,
    OFFER_GOOD_FOR,
    WORSE_BY_S,
    SwapChoice,
    SwapChoices,
    SwapFigures,
    SwapInput,
    SwapState,
    SwapView,
)
from backend.rounds.day_marks import acting_technician
from backend.rounds.day_moves import (
    Asked,
    asked_of,
    crew_today,
    facts_inside,
    people_names,
    side_view,
    stops_left,
    write_inside,
)
from backend.rounds.repair_words import stop_name
from backend.rounds.times import ESTIMATED, EngineChoice
from backend.scope import Role, Scope
from planner.today.moves import Swap
from planner.today.words import minutes


async def swap_choices(scope: Scope, order: UUID, *, engine: EngineChoice = ESTIMATED) -> SwapChoices:
    """List the swaps of one of the asker's stops that could be made now, the cheapest first; nothing is changed.

    Parameters
    ----------
    scope
        The technician.
    order
        The stop to be given away, one that nobody has begun.
    engine
        Where travel times come from.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    NotFound
        If the asker's round of today has no such stop.
    Conflict
        If there is no round today, or the stop is under way or done.
    """
    asked = await _asked(scope, order, engine)
    found = await asyncio.to_thread(asked.moves.swaps, asked.crew, str(order), MOST_SWAPS)
    async with database.tx(scope):
        people = {crew: await people_names(crew, asked.facts.today) for crew in {_crew(asked, swap) for swap in found}}
    rows = [_choice(asked, swap, people[_crew(asked, swap)]) for swap in found]
    return SwapChoices(round_version=asked.mine.version, rows=rows)


async def _asked(scope: Scope, order: UUID, engine: EngineChoice) -> Asked:
    technician = acting_technician(scope)
    async with database.tx(scope):
        facts = await facts_inside(scope.require_firm())
        crew = await crew_today(technician, facts)
    mine = next((each for each in facts.orders if each.id == order and each.crew == crew), None)
    if mine is None:
        raise NotFound("your round of today has no stop {id}", id=order)
    asked = await asked_of(facts, crew, engine)
    if str(order) not in asked.moves.movable(asked.crew):
        raise Conflict("this stop is under way, done or cancelled: it stays where it is")
    return asked


def _crew(asked: Asked, swap: Swap) -> UUID:
    return asked.question.crew_of[swap.to_crew]


def _choice(asked: Asked, swap: Swap, people: list[str]) -> SwapChoice:
    crew, told = _crew(asked, swap), _figures(asked, swap)
    return SwapChoice(
        to_crew=crew, crew_name=asked.facts.crew_names.get(crew, ""), people=people, gives=UUID(swap.gives),
        takes=UUID(swap.takes) if swap.takes is not None else None, takes_name=told.takes_name, mine=told.mine,
        theirs=told.theirs, zh=told.zh, en=told.en,
    )  # fmt: skip


def _figures(asked: Asked, swap: Swap) -> SwapFigures:
    names, of = asked.facts.places, asked.question.elevator_of
    gives = stop_name(names, of[swap.gives])
    takes = stop_name(names, of[swap.takes]) if swap.takes is not None else ""
    mine, theirs = (side_view(asked, swap.moved, crew) for crew in (asked.crew, swap.to_crew))
    me, they = asked.names.crew(asked.crew), asked.names.crew(swap.to_crew)
    en, zh = f"{they} takes {gives}", f"{they}接手{gives}"
    if takes:
        en, zh = f"{en}, {me} takes {takes}", f"{zh}，{me}接手{takes}"
    en += f"; driving: {me} {_more_en(mine.drive_by_s)}, {they} {_more_en(theirs.drive_by_s)}"
    zh += f"；行驶时间：{me}{_more_zh(mine.drive_by_s)}，{they}{_more_zh(theirs.drive_by_s)}"
    return SwapFigures(gives_name=gives, takes_name=takes, mine=mine, theirs=theirs, zh=zh, en=en)


def _more_en(by_s: int) -> str:
    return f"{minutes(by_s)} min {'more' if by_s > 0 else 'less'}" if by_s else "the same"


def _more_zh(by_s: int) -> str:
    return f"{'多' if by_s > 0 else '少'}{minutes(by_s)}分钟" if by_s else "不变"


# Offers.


async def offer_swap(scope: Scope, data: SwapInput, *, engine: EngineChoice = ESTIMATED) -> SwapView:
    """Offer a swap to a colleague's crew, which is told and may accept for half an hour. Safe to repeat.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    NotFound
        If the asker's round of today has no such stop.
    Conflict
        If it cannot be made, or one of the stops is being offered already.
    """
    technician, firm = acting_technician(scope), scope.require_firm()
    async with database.tx(scope):
        known = await changes.offer(data.id)
    if known is not None:
        return _again(known, data, technician)
    asked = await _asked(scope, data.gives, engine)
    swap = await _found(asked, data.gives, data.to_crew, data.takes)
    if swap is None:
        raise Conflict("this swap is not possible any more: choose another")
    crew, now = asked.question.crew_of[asked.crew], clock.now()
    figures = _figures(asked, swap)
    async with database.tx(scope):
        stops = [each for each in (data.gives, data.takes) if each is not None]
        if (other := await changes.open_offer_of(stops, now)) is not None:
            raise Conflict("a stop of this is offered to {crew} already: withdraw that first", crew=other.to_crew_name)
        seen = {str(each): await stops_left(asked, each) for each in (crew, data.to_crew)}
        new = NewOffer(
            id=data.id, firm=firm, day=asked.facts.today, technician=technician, crew=crew, to_crew=data.to_crew,
            gives=data.gives, takes=data.takes, note=data.note.strip(), expires_at=now + OFFER_GOOD_FOR,
        )  # fmt: skip
        if not await changes.insert_offer(new, seen, msgspec.to_builtins(figures), now):
            raise Conflict("this id was used for something else: make a new one")
        row = await _existing(data.id)
        await audit(firm, scope.account, "swap.offered", str(data.id), {"gives": str(data.gives), "crew": str(data.to_crew)})
        zh, en = f"{row.technician_name}想与您交换站点：{figures.gives_name}", f"{row.technician_name} offers you a swap"
        await _tell_crew(row, row.to_crew, zh, f"{en}: {figures.gives_name}", scope)
        return view(row)


def _again(row: OfferRow, data: SwapInput, technician: UUID) -> SwapView:
    same = (row.gives, row.takes, row.to_crew, row.technician) == (data.gives, data.takes, data.to_crew, technician)
    if not same:
        raise Conflict("this id was used for something else: make a new one")
    return view(row)


async def _found(asked: Asked, gives: UUID, to_crew: UUID, takes: UUID | None) -> Swap | None:
    other = asked.name(to_crew)
    if other is None or other == asked.crew:
        return None
    wanted = None if takes is None else str(takes)
    return await asyncio.to_thread(asked.moves.swap, asked.crew, str(gives), other, wanted)


async def accept_swap(scope: Scope, id: UUID, *, engine: EngineChoice = ESTIMATED) -> SwapView:  # noqa: A002 - as everywhere
    """Accept a swap: both rounds change at once or not at all. Safe to repeat.

    Parameters
    ----------
    scope
        A technician of the crew to which it was offered.
    id
        Of the offer.
    engine
        Where travel times come from.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    NotFound
        If nothing of this id was offered to the asker's crew.
    Conflict
        If it was declined or withdrawn, or nobody answered in time.
    Outdated
        If either round has changed since, or the swap would break a rule or cost clearly more by now.
    """
    technician, firm = acting_technician(scope), scope.require_firm()
    async with database.tx(scope):
        row = await _offered_to(technician, id)
        if row.state == SwapState.ACCEPTED:
            return view(row)
        _refuse_decided(row)
        facts = await facts_inside(firm)
    if facts.today != row.day or not {row.crew, row.to_crew} <= {each.crew for each in facts.rounds}:
        raise Outdated("one of the rounds has changed since this was offered: nothing was swapped")
    asked = await asked_of(facts, row.crew, engine)
    for crew in (row.crew, row.to_crew):
        _refuse_moved(row, crew, await stops_left(asked, crew))
    swap = await _found(asked, row.gives, row.to_crew, row.takes)
    if swap is None or _is_worse(asked, swap, row):
        raise Outdated("by now this swap would break a rule or take much longer: nothing was swapped")
    async with database.tx(scope):
        row = await _offered_to(technician, id, lock=True)
        if row.state == SwapState.ACCEPTED:
            return view(row)
        _refuse_decided(row)
        await write_inside(asked, swap.moved.plan, [row.crew, row.to_crew])
        await changes.decide_offer(id, SwapState.ACCEPTED, scope.account, clock.now())
        detail = {"gives": str(row.gives), "takes": str(row.takes or ""), "day": row.day.isoformat()}
        await audit(firm, scope.account, "swap.accepted", str(id), detail)
        await _tell_swapped(row, scope)
        return view(await _existing(id))


def _refuse_decided(row: OfferRow) -> None:
    state = state_of(row)
    if state is SwapState.EXPIRED:
        raise Conflict("nobody answered this offer in time: offer it again")
    if state is not SwapState.OFFERED:
        raise Conflict("this offer has been decided about: nothing was swapped")


def _refuse_moved(row: OfferRow, crew: UUID, left: list[str]) -> None:
    """Refuse where a round has other stops than when it was offered; stops begun meanwhile only leave its head."""
    seen = list(row.seen.get(str(crew), []))
    begun = len(seen) - len(left)
    named = {str(row.gives), str(row.takes)} & set(seen)
    if begun < 0 or seen[begun:] != left or not named <= set(left):
        raise Outdated("one of the rounds has changed since this was offered: nothing was swapped")


def _is_worse(asked: Asked, swap: Swap, row: OfferRow) -> bool:
    """Tell whether either side would drive clearly more than it was told."""
    told, now = msgspec.convert(row.figures, SwapFigures), _figures(asked, swap)
    sides = ((told.mine, now.mine), (told.theirs, now.theirs))
    return any(after.drive_by_s > before.drive_by_s + WORSE_BY_S for before, after in sides)


async def decline_swap(scope: Scope, id: UUID) -> SwapView:  # noqa: A002
    """Decline a swap: who offered it is told. Safe to repeat.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    NotFound
        If nothing of this id was offered to the asker's crew.
    Conflict
        If it has been decided about.
    """
    technician = acting_technician(scope)
    async with database.tx(scope):
        row = await _offered_to(technician, id, lock=True)
        if row.state == SwapState.DECLINED:
            return view(row)
        _refuse_decided(row)
        await changes.decide_offer(id, SwapState.DECLINED, scope.account, clock.now())
        await audit(row.firm, scope.account, "swap.declined", str(id))
        name = msgspec.convert(row.figures, SwapFigures).gives_name
        await tell_technician_inside(
            row.firm, row.technician, Kind.PLAN, f"{row.to_crew_name}未接受交换：{name}",
            f"{row.to_crew_name} does not take {name}", link=LINK,
        )  # fmt: skip
        return view(await _existing(id))


async def withdraw_swap(scope: Scope, id: UUID) -> SwapView:  # noqa: A002
    """Take an offer back. Safe to repeat.

    Raises
    ------
    NotAllowed
        For anybody but a technician.
    NotFound
        If the asker's crew has made none of this id.
    Conflict
        If it has been decided about.
    """
    technician = acting_technician(scope)
    async with database.tx(scope):
        row = await _existing(id, lock=True)
        if await changes.crew_of(technician, row.day) != row.crew:
            raise NotFound("no offer {id}", id=id)
        if row.state == SwapState.WITHDRAWN:
            return view(row)
        _refuse_decided(row)
        await changes.decide_offer(id, SwapState.WITHDRAWN, scope.account, clock.now())
        await audit(row.firm, scope.account, "swap.withdrawn", str(id))
        return view(await _existing(id))


async def swap_offer(scope: Scope, id: UUID) -> SwapView:  # noqa: A002
    """Return an offer to those whom it concerns.

    Raises
    ------
    NotFound
        If the asker's firm has none of this id, or it is between other crews.
    """
    async with database.tx(scope):
        row = await _existing(id)
        if scope.role is Role.TECHNICIAN:
            crew = await changes.crew_of(acting_technician(scope), row.day)
            if crew not in (row.crew, row.to_crew):
                raise NotFound("no offer {id}", id=id)
        return view(row)


async def _existing(id: UUID, *, lock: bool = False) -> OfferRow:  # noqa: A002
    row = await changes.offer(id, lock=lock)
    if row is None:
        raise NotFound("no offer {id}", id=id)
    return row


async def _offered_to(technician: UUID, id: UUID, *, lock: bool = False) -> OfferRow:  # noqa: A002
    row = await _existing(id, lock=lock)
    if await changes.crew_of(technician, row.day) != row.to_crew:
        raise NotFound("no offer {id}", id=id)
    return row


def state_of(row: OfferRow) -> SwapState:
    """Return where an offer stands now."""
    state = SwapState(row.state)
    return SwapState.EXPIRED if state is SwapState.OFFERED and row.expires_at <= clock.now() else state


def view(row: OfferRow) -> SwapView:
    """Return what leaves the room about an offer."""
    return SwapView(
        id=row.id, firm=row.firm, day=row.day, technician=row.technician_name, crew=row.crew, crew_name=row.crew_name,
        to_crew=row.to_crew, to_crew_name=row.to_crew_name, gives=row.gives, takes=row.takes, state=state_of(row),
        note=row.note, figures=msgspec.convert(row.figures, SwapFigures), offered_at=row.offered_at,
        expires_at=row.expires_at, decided_at=row.decided_at,
    )  # fmt: skip


# Told.

LINK = "/t/#/swaps"
"""The page of the app on which offers are answered."""


async def _tell_crew(row: OfferRow, crew: UUID, zh: str, en: str, scope: Scope) -> None:
    await tell_crew_inside(row.firm, crew, row.day, zh, en, link=LINK, subject=str(row.id), but=scope.account)


async def _tell_swapped(row: OfferRow, scope: Scope) -> None:
    """Tell both sides what has left them and what has come: nobody finds out at a door."""
    told = msgspec.convert(row.figures, SwapFigures)
    for crew, gone, came, other in (
        (row.crew, told.gives_name, told.takes_name, row.to_crew_name),
        (row.to_crew, told.takes_name, told.gives_name, row.crew_name),
    ):
        zh = [f"{gone}改由{other}负责"] if gone else []
        en = [f"{gone} goes to {other}"] if gone else []
        zh += [f"{came}改由您负责"] if came else []
        en += [f"{came} comes to you"] if came else []
        await _tell_crew(row, crew, "，".join(zh), ", ".join(en), scope)

"""Work of one firm that comes meanwhile is done together."""

from __future__ import annotations

import asyncio
from uuid import UUID

import pytest

from backend.errors import Conflict, LiftroundsError
from backend.telemetry.gathering import Gathering

FIRM, OTHER = UUID(int=1), UUID(int=2)


async def test_what_comes_meanwhile_is_done_together_and_firms_do_not_wait_for_each_other() -> None:
    told: list[tuple[UUID, list[int]]] = []
    begun, go = asyncio.Event(), asyncio.Event()

    async def take(firm: UUID, work: list[int]) -> list[int | LiftroundsError]:
        told.append((firm, work))
        begun.set()
        if firm == FIRM:
            await go.wait()
        return [10 * one for one in work]

    gathering: Gathering[int, int] = Gathering(take)
    waiting = [asyncio.create_task(gathering.do(FIRM, 1))]
    await begun.wait()
    waiting += [asyncio.create_task(gathering.do(FIRM, one)) for one in (2, 3)]
    await asyncio.sleep(0)
    assert await gathering.do(OTHER, 7) == 70
    go.set()
    assert await asyncio.gather(*waiting) == [10, 20, 30]
    assert told == [(FIRM, [1]), (OTHER, [7]), (FIRM, [2, 3])]


async def test_one_piece_that_fails_costs_no_other() -> None:
    async def take(_firm: UUID, work: list[int]) -> list[int | LiftroundsError]:
        await asyncio.sleep(0)
        if 13 in work:
            raise LookupError("a mistake of ours")
        return [Conflict("not this one") if one == 4 else one for one in work]

    gathering: Gathering[int, int] = Gathering(take)
    results = await asyncio.gather(*(gathering.do(FIRM, one) for one in (1, 13, 4, 5)), return_exceptions=True)
    assert results[0] == 1
    assert isinstance(results[1], LookupError)
    assert isinstance(results[2], Conflict)
    assert results[3] == 5


async def test_who_goes_away_holds_up_nobody() -> None:
    async def take(_firm: UUID, work: list[int]) -> list[int | LiftroundsError]:
        await asyncio.sleep(0)
        return list(work)

    gathering: Gathering[int, int] = Gathering(take)
    gone = asyncio.create_task(gathering.do(FIRM, 1))
    await asyncio.sleep(0)
    gone.cancel()
    assert await gathering.do(FIRM, 2) == 2
    with pytest.raises(asyncio.CancelledError):
        await gone

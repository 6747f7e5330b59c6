"""Comparisons of policies from the question to the figures, in a process of their own."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend.errors import Conflict, InvalidInput, NotFound
from backend.rounds import comparisons
from backend.rounds.comparing import Asked
from backend.rounds.comparison_views import ComparisonState
from planner.whatif.result import Comparison
from tests.support.compared import compare_here, die
from tests.support.factory import Factory
from tests.support.planned_firm import PlannedFirm, planned_firm


async def test_a_comparison_runs_in_a_process_of_its_own(firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "WEEK_S", 0.2)
    asked = await comparisons.request_comparison(firm.scope, 14, 1)
    assert (asked.state, asked.progress, asked.result) == (ComparisonState.QUEUED, 0, None)
    await comparisons.execute_comparison(asked.id)
    found = await comparisons.comparison(firm.scope, asked.id)
    assert (found.state, found.progress) == (ComparisonState.DONE, 1)
    assert found.result is not None
    assert found.result.elevators == 9
    assert [policy.id for policy in found.result.policies] == [
        "cn-fixed-15", "cn-on-demand-30", "cn-on-demand-30+paperwork",
    ]  # fmt: skip
    fixed = found.result.policies[0]
    assert fixed.visits.mean >= 9
    assert fixed.technician_hours.mean > fixed.on_site_hours.mean > 0
    assert fixed.kilometres.mean > 0
    assert (await comparisons.comparisons(firm.scope)).rows == [found]


async def test_a_process_that_keeps_dying_is_given_up(firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparisons, "run_one", die)
    asked = await comparisons.request_comparison(firm.scope, 14, 1)
    await comparisons.execute_comparison(asked.id)
    found = await comparisons.comparison(firm.scope, asked.id)
    assert (found.state, found.error) == (ComparisonState.FAILED, comparisons.DIED)


async def test_one_that_is_stopped_before_it_runs_is_not_run(firm: PlannedFirm) -> None:
    asked = await comparisons.request_comparison(firm.scope)
    await comparisons.stop_comparison(firm.scope, asked.id)
    await comparisons.execute_comparison(asked.id)
    assert (await comparisons.comparison(firm.scope, asked.id)).state is ComparisonState.STOPPED
    with pytest.raises(Conflict):
        await comparisons.stop_comparison(firm.scope, asked.id)


async def test_one_that_is_stopped_in_the_middle_keeps_its_state(firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await comparisons.request_comparison(firm.scope, 14, 1)

    async def stopped_after_one(question: Asked, tell: comparisons.Tell) -> Comparison | None:
        async def then_stop(share: float) -> bool:
            if (await comparisons.comparison(firm.scope, asked.id)).state is ComparisonState.RUNNING:
                await comparisons.stop_comparison(firm.scope, asked.id)
            return await tell(share)

        return await compare_here(question, then_stop)

    monkeypatch.setattr(comparisons, "compare", stopped_after_one)
    await comparisons.execute_comparison(asked.id)
    found = await comparisons.comparison(firm.scope, asked.id)
    assert (found.state, found.result) == (ComparisonState.STOPPED, None)


async def test_a_second_worker_takes_up_what_the_first_left(firm: PlannedFirm, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = await comparisons.request_comparison(firm.scope, 14, 1)

    async def dead(question: Asked, tell: comparisons.Tell) -> Comparison | None:
        raise ConnectionError

    monkeypatch.setattr(comparisons, "compare", dead)
    with pytest.raises(ConnectionError):
        await comparisons.execute_comparison(asked.id)
    monkeypatch.setattr(comparisons, "compare", compare_here)
    await comparisons.execute_comparison(asked.id)
    assert (await comparisons.comparison(firm.scope, asked.id)).state is ComparisonState.DONE


async def test_all_faults_are_told_at_once(firm: PlannedFirm) -> None:
    with pytest.raises(InvalidInput) as refused:
        await comparisons.request_comparison(firm.scope, 3, 99)
    assert [fault.path for fault in refused.value.faults] == ["days", "seeds"]


async def test_a_firm_may_not_fill_the_queue(firm: PlannedFirm) -> None:
    for _ in range(comparisons.MAX_UNFINISHED):
        await comparisons.request_comparison(firm.scope)
    with pytest.raises(Conflict):
        await comparisons.request_comparison(firm.scope)


async def test_another_firm_s_comparison_does_not_exist(firm: PlannedFirm, factory: Factory) -> None:
    asked = await comparisons.request_comparison(firm.scope)
    other = await planned_firm(factory, elevators=1)
    for id_ in (asked.id, uuid4()):
        with pytest.raises(NotFound):
            await comparisons.comparison(other.scope, id_)
    assert (await comparisons.comparisons(other.scope)).rows == []

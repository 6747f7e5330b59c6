"""The search of a repair runs in a process of its own, and its end is not ours."""

from __future__ import annotations

import os
from multiprocessing.connection import Connection

import pytest

from planner.today import process
from planner.today.asked import CrewOut
from planner.today.process import repair_apart
from planner.today.repair import repair
from planner.today.words import Names
from tests.unit.planner.today.test_repair import KEPT, V1, asked, problem

TODAY = asked(V1 + 60, crews_out=(CrewOut("c1"),))


def die(_there: Connection, *_order: object) -> None:
    os._exit(11)


def test_a_searched_repair_comes_back_with_names() -> None:
    called = {name: name.upper() for name in ("c1", "c2", "c3")}
    names = Names(crew=called.__getitem__)
    found = repair_apart(problem(), KEPT, TODAY, 0.5, names=names)
    assert found.wall_s is not None  # the first answer is not timed
    assert found.outcome is not None
    assert all(change.en.startswith(("C1", "C2", "C3")) for change in found.outcome.crews)


def test_a_search_that_dies_costs_nothing_but_the_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_work", die)
    assert repair_apart(problem(), KEPT, TODAY, 0.5, names=Names()) == repair(problem(), KEPT, TODAY)


def test_where_nothing_was_set_free_nothing_is_searched_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "_searched", None)
    quiet = asked(V1 + 60)
    assert repair_apart(problem(), KEPT, quiet, 5.0, names=Names()) == repair(problem(), KEPT, quiet)

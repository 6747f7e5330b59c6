"""What cannot be reached is named, and never passes for a travel time."""

from __future__ import annotations

import numpy as np
import pytest

from planner.rounds.travel import Estimate, Location, Travel, travel_matrix
from planner.travel import NOT_REACHED, UNREACHABLE_S, Block, TravelTable, table_of
from planner.travel.interface import Kind, NoPositionError, NoWay, Source, Why
from planner.travel.simple import Estimated, Given
from planner.travel.table import complete_table

X = NOT_REACHED


def table(rows: list[list[int]], road_m: dict[str, int | None] | None = None) -> TravelTable:
    cells = np.array(rows, np.int32).reshape(len(rows), len(rows))
    places = [Location(name) for name in "abcdef"[: len(rows)]]
    return complete_table(
        places, Block(durations_s=cells, distances_m=cells * 10, road_m=road_m or {}), Source(kind=Kind.GIVEN)
    )


def test_a_table_without_gaps_is_complete() -> None:
    found = table([[9, 5], [7, 9]])
    assert found.complete
    assert found.stranded == ()
    assert found.durations_s.tolist() == [[0, 5], [7, 0]]  # 0 from a place to itself, whatever an engine says
    assert list(found.no_way()) == []


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([[0, 5, X], [5, 0, X], [X, X, 0]], Why.CUT_OFF),
        ([[0, 5, X], [5, 0, X], [9, 9, 0]], Why.NO_WAY_IN),
        ([[0, 5, 9], [5, 0, 9], [X, X, 0]], Why.NO_WAY_OUT),
    ],
)
def test_a_place_apart_from_the_others_is_named_with_what_is_the_matter(rows: list[list[int]], why: Why) -> None:
    (lost,) = table(rows).stranded
    assert (lost.place, lost.why) == ("c", why)
    assert lost.told().startswith("c ")


def test_a_place_far_from_any_road_is_named_with_the_metres() -> None:
    (lost,) = table([[0, 5, X], [5, 0, X], [X, X, 0]], {"c": 412}).stranded
    assert lost.told() == "c is 412 m from any road; move its position to the street where one parks"
    (lost,) = table([[0, X], [X, 0]], {"b": None}).stranded
    assert lost.told().startswith("b is far from any road;")


def test_an_island_is_told_apart_from_the_larger_part() -> None:
    rows = [[0, 5, X, X, 5], [5, 0, X, X, 5], [X, X, 0, 3, X], [X, X, 3, 0, X], [5, 5, X, X, 0]]
    assert [each.place for each in table(rows).stranded] == ["c", "d"]


def test_a_pair_that_an_engine_does_not_know_is_no_fault_of_its_places() -> None:
    found = table([[0, X, 5], [5, 0, 5], [5, 5, 0]])
    assert found.stranded == ()
    assert not found.complete
    assert list(found.no_way()) == [NoWay(start="a", end="b")]
    assert next(found.no_way()).told() == "no way leads from a to b"


def test_no_way_stands_in_a_problem_as_longer_than_any_shift() -> None:
    found = table([[0, X], [5, 0]]).for_planning()
    assert found.tolist() == [[0, UNREACHABLE_S], [5, 0]]
    assert found.dtype == np.int32


def test_the_estimate_is_the_contract_s_to_the_second() -> None:
    estimate = Estimate(speed_kmh=25, detour=1.3, stop_s=120)
    places = tuple(Location(str(n), 28.6 + n * 0.013, 121.4 - n * n * 0.003) for n in range(300))
    found = table_of(Estimated(estimate), places)
    assert np.array_equal(found.durations_s, travel_matrix(Travel(estimate=estimate), places))
    assert found.distances_m[0, 1] == pytest.approx((found.durations_s[0, 1] - 120) * 25 / 3.6, abs=5)


def test_places_without_coordinates_are_all_named() -> None:
    estimated = Estimated(Estimate(speed_kmh=25, detour=1.3, stop_s=120))
    with pytest.raises(NoPositionError, match="b, c: no coordinates"):
        table_of(estimated, [Location("a", 1, 1), Location("b", 1), Location("c")])


def test_a_given_matrix_is_looked_up_by_name() -> None:
    given = Given(["x", "y", "z"], np.arange(9, dtype=np.int32).reshape(3, 3))
    found = given.block([Location("z")], [Location("y"), Location("x")])
    assert found.durations_s.tolist() == [[7, 6]]
    assert found.distances_m.tolist() == [[X, X]]
    with pytest.raises(ValueError, match="shape"):
        Given(["x"], np.zeros((2, 2), np.int32))


def test_a_table_of_no_places_is_empty() -> None:
    assert table([]).durations_s.shape == (0, 0)

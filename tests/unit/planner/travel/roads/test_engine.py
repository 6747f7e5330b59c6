"""Ways through little towns whose times can be worked out by hand: ten metres a second, no price of turning."""

from __future__ import annotations

import math

import numpy as np
import pytest

from planner.rounds.travel import Location
from planner.travel import NOT_REACHED, table_of
from planner.travel.interface import NoPositionError, Why
from planner.travel.roads.engine import Roads
from planner.travel.roads.graph import graph_of
from planner.travel.roads.pace import Pace
from planner.travel.roads.read import Restriction, Streets, Way
from tests.unit.planner.travel.roads.town import BOTH, ONE_WAY, place, square, town

FREE = Pace(speed_factor=1.0, turn_s=0.0, signal_s=0.0, junction_s=0.0)
SOUTH, NORTH, EAST = place("south", 300, 5), place("north", 300, 995), place("east", 1005, 500)


def times(streets: Streets, *places: Location, pace: Pace = FREE) -> list[list[int]]:
    found: list[list[int]] = Roads(graph_of(streets), pace).block(places, places).durations_s.tolist()
    return found


def test_a_two_way_square_is_driven_the_shorter_way_round() -> None:
    found = Roads(graph_of(square()), FREE).block([SOUTH, NORTH], [SOUTH, NORTH])
    assert found.durations_s.tolist() == [[0, 160], [160, 0]]
    assert found.distances_m.tolist() == [[0, 1600], [1600, 0]]


def test_a_one_way_square_is_driven_in_its_direction_only() -> None:
    from_south, from_north = [0, 70 + 100 + 70, 70 + 50], [30 + 100 + 30, 0, 30 + 100 + 100 + 50]
    assert times(square(ONE_WAY), SOUTH, NORTH, EAST) == [from_south, from_north, [50 + 100 + 100 + 30, 50 + 70, 0]]


def test_on_one_street_the_place_behind_is_reached_around_the_block_where_it_is_one_way() -> None:
    near, further = place("near", 200, 0), place("further", 600, 0)
    assert times(square(ONE_WAY), near, further) == [[0, 40], [400 - 40, 0]]
    assert times(square(BOTH), near, further) == [[0, 40], [40, 0]]


def test_places_on_the_two_sides_of_a_one_way_street_are_reached_alike() -> None:
    left, right = place("left", 500, 8), place("right", 500, -8)
    assert times(square(ONE_WAY), left, right, EAST)[0][2] == times(square(ONE_WAY), left, right, EAST)[1][2] == 100


def test_a_forbidden_turn_is_not_made() -> None:
    # A cross: west 1 - middle 5 - east 2, south 3 - middle 5 - north 4, with a way round from east to north over 6.
    nodes = {1: (-500.0, 0.0), 2: (500.0, 0.0), 3: (0.0, -500.0), 4: (0.0, 500.0), 5: (0.0, 0.0), 6: (500.0, 500.0)}
    ways = [
        (15, (1, 5), BOTH), (52, (5, 2), BOTH), (35, (3, 5), BOTH), (54, (5, 4), BOTH), (26, (2, 6), BOTH), (64, (6, 4), BOTH),
    ]  # fmt: skip
    west, north = place("west", -400, 0), place("north", 0, 400)
    assert times(town(nodes, ways), west, north)[0][1] == 80
    no_left = Restriction((15,), 5, (54,), only=False)
    down_and_back = 40 + 50 + 50 + 40  # the street to the south ends there, and one turns round
    assert times(town(nodes, ways, restrictions=[no_left]), west, north) == [[0, down_and_back], [80, 0]]
    only_on = Restriction((15,), 5, (52,), only=True)
    assert times(town(nodes, ways, restrictions=[only_on]), west, north) == [[0, 200], [80, 0]]
    elsewhere = Restriction((35,), 5, (54,), only=False)
    assert times(town(nodes, ways, restrictions=[elsewhere]), west, north)[0][1] == 80


def test_one_turns_back_in_a_dead_end_and_nowhere_else() -> None:
    # A street 1 - 2 - 3 with a dead end at 3, and a ring 1 - 4 - 5 - 1 at the other end.
    nodes = {1: (0.0, 0.0), 2: (500.0, 0.0), 3: (1000.0, 0.0), 4: (-200.0, 100.0), 5: (-200.0, -100.0), 6: (500.0, 300.0)}
    one_way = [(12, (1, 2), BOTH), (23, (2, 3), BOTH), (26, (2, 6), BOTH), (14, (1, 4, 5, 1), ONE_WAY)]
    first, second = place("first", 900, 0), place("second", 100, 0)
    assert times(town(nodes, one_way), first, second) == [[0, 80], [80, 0]]
    turn = Pace(speed_factor=1, turn_s=10, signal_s=0, junction_s=0)
    seconds = Roads(graph_of(town(nodes, one_way)), turn).block([second], [place("ring", -200, 0)]).durations_s
    assert seconds[0, 0] < 200  # straight there: the second place lies on a street that is driven both ways


def test_a_closed_node_lets_nobody_through() -> None:
    around = times(square(), SOUTH, EAST)
    assert around == [[0, 120], [120, 0]]
    assert times(square(closed=[2]), SOUTH, EAST) == [[0, 30 + 100 + 100 + 50], [280, 0]]


def test_turns_lights_and_junctions_cost_what_the_pace_says() -> None:
    # A stub at 2 makes it a junction; without one a corner is only a bend.
    streets = square(signals=[2])
    streets.position[9] = streets.position[2][0] - 0.01, streets.position[2][1]
    streets.ways.append(streets.ways[0]._replace(id=9, nodes=(2, 9)))
    assert times(streets, SOUTH, EAST) == [[0, 120], [120, 0]]
    right_angle = Pace(speed_factor=1, turn_s=20, signal_s=0, junction_s=0)
    assert times(streets, SOUTH, EAST, pace=right_angle) == [[0, 130], [130, 0]]
    light = Pace(speed_factor=1, turn_s=0, signal_s=12, junction_s=0)
    # The lights at the end of an edge are paid in proportion to what is driven of it.
    assert times(streets, SOUTH, EAST, pace=light)[0][1] > 120
    slow = Pace(speed_factor=0.5, turn_s=0, signal_s=0, junction_s=0)
    assert times(streets, SOUTH, EAST, pace=slow) == [[0, 240], [240, 0]]
    assert times(square(), SOUTH, EAST, pace=right_angle) == [[0, 120], [120, 0]]


def test_a_place_too_far_from_any_road_is_named_with_the_metres_and_has_no_way() -> None:
    far = place("far", 500, -412)
    found = table_of(Roads(graph_of(square()), FREE), [SOUTH, far, NORTH])
    assert found.durations_s.tolist() == [[0, NOT_REACHED, 160], [NOT_REACHED, 0, NOT_REACHED], [160, NOT_REACHED, 0]]
    (lost,) = found.stranded
    assert (lost.place, lost.why, lost.road_m) == ("far", Why.FAR_FROM_ROAD, 412)
    assert table_of(Roads(graph_of(square()), FREE, snap_limit_m=500), [SOUTH, far]).complete


def test_a_real_island_is_cut_off_and_named() -> None:
    streets = square()
    for node, where in list(streets.position.items()):
        streets.position[node + 10] = where[0] + 0.1, where[1]
    streets.ways += [way._replace(id=way.id + 1000, nodes=tuple(node + 10 for node in way.nodes)) for way in streets.ways]
    lat, lon = SOUTH.lat, SOUTH.lon
    assert lat is not None
    found = table_of(Roads(graph_of(streets), FREE), [SOUTH, NORTH, Location("island", lat + 0.1, lon)])
    assert [(each.place, each.why) for each in found.stranded] == [("island", Why.CUT_OFF)]


def test_a_car_park_without_a_way_out_is_no_place_to_drive_from() -> None:
    streets = square()
    for node, north in ((20, 20.0), (21, 40.0)):
        streets.position[node] = place("x", 300, north).lat or 0.0, place("x", 300, north).lon or 0.0
    for number in range(30):  # the square is large enough that a lane of its own is none beside it
        streets.position[100 + number] = place("x", -100.0 - number, 0).lat or 0.0, place("x", -100.0 - number, 0).lon or 0.0
    streets.ways.append(streets.ways[0]._replace(id=99, nodes=(20, 21)))
    streets.ways += [streets.ways[0]._replace(id=200 + n, nodes=(1, 100 + n)) for n in range(30)]
    parked = place("parked", 300, 40)
    found = table_of(Roads(graph_of(streets), FREE), [parked, NORTH])
    assert found.durations_s[0, 1] == 160  # from the street, not from the lane that leads nowhere


def test_where_the_only_way_on_is_a_trap_one_turns_round_before_it() -> None:
    # A street 2 - 7 leaves the square, and from its end only a one-way lane leads on, to nowhere.
    streets = square()
    for node, north in ((7, -300.0), (8, -600.0)):
        there = place("x", 1000, north)
        streets.position[node] = there.lat or 0.0, there.lon or 0.0
    streets.ways += [Way(27, (2, 7), BOTH), Way(78, (7, 8), ONE_WAY)]
    assert times(streets, SOUTH, place("street", 1000, -200)) == [[0, 90], [90, 0]]


def test_the_same_place_twice_is_no_drive_and_two_places_are_asked_for_by_name() -> None:
    assert times(square(), SOUTH, place("again", 300, 5)) == [[0, 0], [0, 0]]


def test_a_table_from_some_to_others_is_a_part_of_the_whole() -> None:
    rng = np.random.default_rng(4)
    places = [place(str(n), *rng.uniform(-50, 1050, 2).tolist()) for n in range(20)]
    places = [each for each in places if not Roads(graph_of(square()), FREE).block([each], [each]).road_m]
    roads = Roads(graph_of(square(ONE_WAY)), FREE)
    whole = roads.block(places, places)
    part = roads.block(places[3:7], places[::2])
    assert np.array_equal(part.durations_s, whole.durations_s[3:7, ::2])
    assert np.array_equal(part.distances_m, whole.distances_m[3:7, ::2])


def test_places_without_coordinates_are_refused_by_name() -> None:
    with pytest.raises(NoPositionError, match="nowhere"):
        Roads(graph_of(square()), FREE).block([Location("nowhere")], [SOUTH])


def test_no_places_and_no_way_out_of_an_empty_question() -> None:
    assert Roads(graph_of(square()), FREE).block([], []).durations_s.shape == (0, 0)
    assert Roads(graph_of(square()), FREE).block([SOUTH], []).durations_s.shape == (1, 0)


def test_a_ring_without_any_junction_is_driven_too() -> None:
    ring = town({n: (500 * math.cos(n), 500 * math.sin(n)) for n in range(6)}, [(1, (0, 1, 2, 3, 4, 5, 0), ONE_WAY)])
    a, b = place("a", 500, 0), place("b", 500 * math.cos(3), 500 * math.sin(3))
    there, back = times(ring, a, b)[0][1], times(ring, a, b)[1][0]
    assert there > 0
    assert back > 0

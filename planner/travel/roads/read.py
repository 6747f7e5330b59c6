"""Reads the roads of an OpenStreetMap extract (.osm.pbf, .osm): what a van may drive, and the turns that it may not take."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from planner.rounds.travel import great_circle_km
from planner.travel.roads.tags import Drive, drive_of, is_closed

if TYPE_CHECKING:
    import osmium

RESTRICTIONS = ("restriction:motorcar", "restriction:motor_vehicle", "restriction")
EXCEPTED = frozenset({"motorcar", "motor_vehicle", "vehicle"})


class NoRoadsError(ValueError):
    """A file that cannot be read as an extract, or in which there is no road."""


class Restriction(NamedTuple):
    """A turn rule at a node.

    Attributes
    ----------
    from_ways, via, to_ways
        OSM ids.
    only
        True: no other turn is allowed from there; False: this one is forbidden.
    """

    from_ways: tuple[int, ...]
    via: int
    to_ways: tuple[int, ...]
    only: bool


class Way(NamedTuple):
    """A way that may be driven."""

    id: int
    nodes: tuple[int, ...]
    drive: Drive


@dataclass
class Streets:
    """The roads of an extract as they were read."""

    ways: list[Way] = field(default_factory=list)
    position: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Latitude and longitude of every node of these ways."""

    signals: set[int] = field(default_factory=set)
    """Nodes with traffic lights."""

    closed: set[int] = field(default_factory=set)
    """Nodes that no vehicle passes."""

    restrictions: list[Restriction] = field(default_factory=list)
    data_date: date | None = None


def read_streets(path: Path) -> Streets:
    """Read an extract; rules that hold at some hours only, and those over a way instead of a node, are left out.

    Raises
    ------
    NoRoadsError
        If the file cannot be read or has no road in it.
    ModuleNotFoundError
        If `osmium` is not installed (extra `roads`).
    """
    import osmium

    streets = Streets()
    try:
        with osmium.io.Reader(str(path), osmium.osm.osm_entity_bits.NOTHING) as reader:
            streets.data_date = _date(reader.header().get("osmosis_replication_timestamp"))
        wanted = osmium.filter.KeyFilter("highway", "barrier", "route", *RESTRICTIONS)
        for item in osmium.FileProcessor(str(path)).with_locations().with_filter(wanted):
            _take(item, streets)
    except RuntimeError as error:
        raise NoRoadsError(f"{path} cannot be read as an OpenStreetMap extract: {error}") from None
    if not streets.ways:
        raise NoRoadsError(f"{path} has no road in it that may be driven")
    return streets


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


def _take(item: Any, streets: Streets) -> None:
    if item.is_node():
        if item.tags.get("highway") == "traffic_signals":
            streets.signals.add(item.id)
        elif "barrier" in item.tags and is_closed(dict(item.tags)):
            streets.closed.add(item.id)
    elif item.is_way():
        if "highway" in item.tags or item.tags.get("route") == "ferry":
            _take_way(item, streets)
    elif item.is_relation():
        _take_restriction(item, streets)


def _take_way(item: osmium.osm.Way, streets: Streets) -> None:
    tags = dict(item.tags)
    if not any(drive_of(tags)):
        return
    # An extract's edge cuts ways; their nodes outside have no position, and what is left on either side is a way.
    for part in _inside((node.ref, node.location) for node in item.nodes):
        length_m = sum(_metres(a[1], b[1]) for a, b in itertools.pairwise(part)) if "route" in tags else 0.0
        streets.position.update(part)
        streets.ways.append(Way(item.id, tuple(node for node, _ in part), drive_of(tags, length_m)))


def _inside(nodes: Iterable[tuple[int, Any]]) -> Iterable[list[tuple[int, tuple[float, float]]]]:
    part: list[tuple[int, tuple[float, float]]] = []
    for node, location in nodes:
        if location.valid():
            if not part or part[-1][0] != node:
                part.append((node, (location.lat, location.lon)))
        else:
            if len(part) > 1:
                yield part
            part = []
    if len(part) > 1:
        yield part


def _metres(a: tuple[float, float], b: tuple[float, float]) -> float:
    return 1000 * float(great_circle_km(*a, *b))


def _take_restriction(item: osmium.osm.Relation, streets: Streets) -> None:
    rule = next((item.tags[key] for key in RESTRICTIONS if key in item.tags), "")
    if not rule.startswith(("no_", "only_")) or EXCEPTED & set((item.tags.get("except") or "").split(";")):
        return
    members = [(member.role, member.type, member.ref) for member in item.members]
    vias = [ref for role, kind, ref in members if role == "via" and kind == "n"]
    from_ways = tuple(ref for role, kind, ref in members if role == "from" and kind == "w")
    to_ways = tuple(ref for role, kind, ref in members if role == "to" and kind == "w")
    if len(vias) == 1 and from_ways and to_ways and not any(role == "via" and kind == "w" for role, kind, _ in members):
        streets.restrictions.append(Restriction(from_ways, vias[0], to_ways, rule.startswith("only_")))

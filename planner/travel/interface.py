"""What every source of travel times answers: seconds and metres between places, and by name what cannot be reached.

All coordinates are WGS-84 (`planner.travel.coordinates` converts others), all times whole seconds, all distances whole metres.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from enum import StrEnum
from typing import Protocol

import msgspec
import numpy as np
from numpy.typing import NDArray

from planner.rounds.travel import Location, Matrix

NOT_REACHED = -1
"""What a cell of a table holds where no way leads: no contract takes it for a time, so it never passes for one in silence."""

UNREACHABLE_S = 8_640_000
"""What stands in a problem for "no way": a hundred days, longer than any shift, and sums of many still fit 32 bits."""

SNAP_LIMIT_M = 400.0
"""A place further than that from any road is reported instead of moved there: more than a deep housing compound."""

ATTRIBUTION = "© OpenStreetMap contributors, ODbL"
"""What whoever shows travel times of OpenStreetMap's roads must say."""


class Kind(StrEnum):
    """Where travel times come from."""

    GIVEN = "given"
    """A matrix that somebody made."""

    ESTIMATE = "estimate"
    """Great-circle distance, a detour and a speed."""

    OSRM = "osrm"
    VALHALLA = "valhalla"
    ROADS = "roads"
    """A road graph of an OpenStreetMap extract, searched here."""


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where a table comes from, as a plan states it.

    Attributes
    ----------
    kind
        Which engine.
    name
        Which one of them: the file's name or the server's address without credentials; empty where there is only one.
    data_date
        Day of the road data, as far as the engine tells it.
    attribution
        What the licence of the data asks to be shown; empty for none.
    """

    kind: Kind
    name: str = ""
    data_date: date | None = None
    attribution: str = ""


class Why(StrEnum):
    """Why a place has no way at all."""

    FAR_FROM_ROAD = "far_from_road"
    """The nearest road is further off than is believed."""

    CUT_OFF = "cut_off"
    """No way leads there from the other places, and none back."""

    NO_WAY_IN = "no_way_in"
    """No way leads there from the other places."""

    NO_WAY_OUT = "no_way_out"
    """No way leads from it to the other places."""

    NO_POSITION = "no_position"
    """It has no coordinates."""


class Stranded(msgspec.Struct, frozen=True, kw_only=True):
    """A place without a way in, a way out, or both.

    Attributes
    ----------
    place
        Name of the location.
    why
        What is the matter.
    road_m
        Metres to the nearest road, where that is the matter.
    """

    place: str
    why: Why
    road_m: int | None = None

    def told(self) -> str:
        """Say it in one sentence with the way out."""
        sentences = {
            Why.FAR_FROM_ROAD: f"is {'far' if self.road_m is None else f'{self.road_m} m'} from any road; move its position to"
            " the street where one parks",
            Why.CUT_OFF: "lies where no road leads to or from the other places; check its position, or that the road data"
            " cover it and its bridge or ferry",
            Why.NO_WAY_IN: "cannot be reached from the other places; check its position and the one-way streets beside it",
            Why.NO_WAY_OUT: "can be reached, but no way leads back to the other places; check its position and the one-way"
            " streets beside it",
            Why.NO_POSITION: "has no coordinates; give lat and lon",
        }
        return f"{self.place} {sentences[self.why]}"


class NoWay(msgspec.Struct, frozen=True, kw_only=True):
    """A pair of places between which no way leads in this direction."""

    start: str
    end: str

    def told(self) -> str:
        """Say it in one sentence."""
        return f"no way leads from {self.start} to {self.end}"


class Block(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a table: from some places to others.

    Attributes
    ----------
    durations_s, distances_m
        One row per place of departure, one column per destination, int32; `NOT_REACHED` where no way leads, and in
        `distances_m` also where the source does not tell.
    road_m
        For places that are too far from any road: name → metres to the nearest one, None where nobody looked that far.
    """

    durations_s: Matrix
    distances_m: Matrix
    road_m: Mapping[str, int | None] = {}


class TravelTable(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds and metres between all places of a list, in both directions.

    Attributes
    ----------
    names
        The places, in the order of rows and columns.
    durations_s, distances_m
        Row: departure, column: destination; int32, 0 from a place to itself, `NOT_REACHED` where no way leads.
    source
        Where it comes from.
    stranded
        Places that lie apart from the largest group in which each has a way to each, with the reason.
    """

    names: tuple[str, ...]
    durations_s: Matrix
    distances_m: Matrix
    source: Source
    stranded: tuple[Stranded, ...] = ()

    @property
    def complete(self) -> bool:
        """Whether every place can be reached from every other."""
        return not (self.durations_s == NOT_REACHED).any()

    def no_way(self) -> Iterator[NoWay]:
        """Name every pair without a way, row by row; there may be very many, `stranded` tells what is behind them."""
        for i, j in np.argwhere(self.durations_s == NOT_REACHED).tolist():
            yield NoWay(start=self.names[i], end=self.names[j])

    def for_planning(self) -> Matrix:
        """Give the seconds as a problem takes them: `UNREACHABLE_S` where no way leads, which no route can hold."""
        return np.where(self.durations_s == NOT_REACHED, np.int32(UNREACHABLE_S), self.durations_s)


class TravelTimes(Protocol):
    """A source of travel times.

    Engines over HTTP offer the same with `async def`; see `backend.travel.engines`.
    """

    @property
    def source(self) -> Source:
        """What it is and how old its data are."""
        ...

    def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Give seconds and metres from each of some places to each of others; one name is one place.

        Raises
        ------
        NoPositionError
            Naming every place without coordinates.
        """
        ...


class NoPositionError(ValueError):
    """Places without coordinates, where a source needs them."""

    def __init__(self, places: Sequence[str]) -> None:
        self.places = tuple(places)
        super().__init__(f"{', '.join(places)}: no coordinates; give lat and lon")


def degrees_of(places: Sequence[Location]) -> NDArray[np.float64]:
    """Latitude and longitude of places, shape (places, 2).

    Raises
    ------
    NoPositionError
        Naming every place that has none.
    """
    without = [place.id for place in places if place.lat is None or place.lon is None]
    if without:
        raise NoPositionError(without)
    return np.array([(place.lat, place.lon) for place in places], dtype=np.float64).reshape(-1, 2)


def table_of(times: TravelTimes, places: Sequence[Location]) -> TravelTable:
    """Ask a source for all pairs of a list of places."""
    from planner.travel.table import complete_table

    return complete_table(places, times.block(places, places), times.source)

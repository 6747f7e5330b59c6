"""Seconds of driving between all locations of a problem."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from planner.rounds.faults import Fault, FaultyInputError, Id, Struct, shown

MAX_S = 1_000_000_000
"""Largest number of seconds (or days, people, loads) of a contract, some 31 years; it fits 32 bits."""
EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the earth (IUGG), as the contract fixes it for estimates."""
MAX_FACTOR = 1e6
"""Largest speed or detour that is taken for one."""
ROWS_AT_ONCE = 256
"""Rows of an estimate that are computed together, so that the intermediate arrays stay small."""
CELLS_SHOWN = 20
"""Faulty cells of one matrix that are named one by one; the rest is counted."""

Matrix = NDArray[np.int32]


class Location(Struct, frozen=True):
    """A place; its position in the problem's list is its row and column of the travel matrix.

    `lat` and `lon` are degrees (WGS 84), needed only where travel is estimated.
    """

    id: Id
    lat: Annotated[float, Meta(ge=-90, le=90)] | None = None
    lon: Annotated[float, Meta(ge=-180, le=180)] | None = None


class Estimate(Struct, frozen=True):
    """Travel from coordinates: great-circle distance × `detour` ÷ `speed_kmh`, plus `stop_s` for parking."""

    speed_kmh: Annotated[float, Meta(gt=0, le=MAX_FACTOR)]
    detour: Annotated[float, Meta(gt=0, le=MAX_FACTOR)]
    stop_s: Annotated[int, Meta(ge=0, le=MAX_S)]


class Travel(Struct, frozen=True):
    """Where travel times come from: exactly one of the three is given.

    Attributes
    ----------
    durations_s
        Seconds, one row per location of departure.
    durations_npy
        A NumPy file of the same, with integers; its name is relative to the problem file.
    estimate
        How to compute them from coordinates.
    """

    durations_s: list[list[Annotated[int, Meta(ge=0, le=MAX_S)]]] | None = None
    durations_npy: str | None = None
    estimate: Estimate | None = None

    def beside(self, folder: Path | None) -> Travel:
        """Give the same with the matrix file's full path; unchanged where there is no file or no folder."""
        if self.durations_npy is None or folder is None:
            return self
        return msgspec.structs.replace(self, durations_npy=str(folder / self.durations_npy))


def great_circle_km(
    lat: NDArray[np.float64] | float,
    lon: NDArray[np.float64] | float,
    to_lat: NDArray[np.float64] | float,
    to_lon: NDArray[np.float64] | float,
) -> NDArray[np.float64]:
    """Kilometres on the sphere between places in degrees, by the haversine formula; shapes are broadcast."""
    lat, to_lat = np.radians(lat), np.radians(to_lat)
    by_lat = np.sin((to_lat - lat) / 2) ** 2
    by_lon = np.sin(np.radians(np.subtract(to_lon, lon)) / 2) ** 2
    half_chord = np.sqrt(by_lat + np.cos(lat) * np.cos(to_lat) * by_lon)
    km: NDArray[np.float64] = 2 * EARTH_RADIUS_KM * np.arcsin(np.minimum(1.0, half_chord))
    return km


def travel_matrix(travel: Travel, locations: tuple[Location, ...]) -> Matrix:
    """Seconds from every location (row) to every other (column), shape (locations, locations), int32.

    Raises
    ------
    FaultyInputError
        If the matrix cannot be had or holds something that is no travel time.
    """
    matrix, faults = _matrix(travel, locations)
    if faults:
        raise FaultyInputError(faults)
    return np.ascontiguousarray(matrix, dtype=np.int32)


def matrix_faults(travel: Travel, locations: tuple[Location, ...]) -> list[Fault]:
    """Find what is wrong with the travel times of a problem; nothing if none are given, which `links` names."""
    if travel == Travel():
        return []
    return _matrix(travel, locations)[1]


def _matrix(travel: Travel, locations: tuple[Location, ...]) -> tuple[NDArray[Any], list[Fault]]:
    size = len(locations)
    if travel.estimate is not None:
        return _estimated(travel.estimate, locations)
    if travel.durations_npy is not None:
        path = "travel.durations_npy"
        table, faults = _loaded(travel.durations_npy, size)
    else:
        path = "travel.durations_s"
        if travel.durations_s is None:
            return np.zeros((0, 0), np.int32), [Fault("travel", "no source of travel times is given")]
        rows = travel.durations_s
        faults = row_faults(rows, size)
        if faults:
            return np.zeros((0, 0), np.int32), faults
        table = np.array(rows, dtype=np.int64).reshape(size, size)
    return table, faults or _cell_faults(table, path)


def row_faults(rows: list[list[Any]], size: int) -> list[Fault]:
    """Rows of a matrix that are missing, too many, too short or too long."""
    way_out = f"give one row of {size} numbers per location"
    faults = [
        Fault(f"travel.durations_s[{i}]", f"must have {size} numbers, has {len(row)}; {way_out}")
        for i, row in enumerate(rows)
        if len(row) != size
    ]
    if len(rows) != size:
        faults.insert(0, Fault("travel.durations_s", f"must have {size} rows, has {len(rows)}; {way_out}"))
    return faults


def _loaded(name: str, size: int) -> tuple[NDArray[Any], list[Fault]]:
    path = "travel.durations_npy"
    nothing = np.zeros((0, 0), np.int32)
    if not Path(name).is_absolute():
        return nothing, [Fault(path, f"{shown(name)} cannot be looked for, the problem is not a file; give durations_s")]
    try:
        table = np.load(name, allow_pickle=False)
    except OSError as error:
        return nothing, [Fault(path, f"{shown(name)} cannot be read: {error.strerror or error}")]
    except (ValueError, EOFError) as error:
        said = str(error).splitlines()[0] if str(error) else type(error).__name__
        return nothing, [Fault(path, f"{shown(name)} cannot be read as a NumPy file: {said}")]
    if not isinstance(table, np.ndarray) or not np.issubdtype(table.dtype, np.integer):
        kind = table.dtype if isinstance(table, np.ndarray) else "an archive"
        return nothing, [Fault(path, f"must hold integers (int32), holds {kind}; save it with numpy.int32")]
    if table.shape != (size, size):
        return nothing, [Fault(path, f"must have shape {(size, size)}, one row per location, has {table.shape}")]
    return table, []


def _cell_faults(table: NDArray[Any], path: str) -> list[Fault]:
    wrong = np.argwhere((table < 0) | (table > MAX_S))
    faults = [
        Fault(f"{path}[{i}][{j}]", f"must be 0..{MAX_S} seconds, is {table[i, j]}") for i, j in wrong[:CELLS_SHOWN].tolist()
    ]
    if len(wrong) > CELLS_SHOWN:
        faults.append(Fault(path, f"{len(wrong) - CELLS_SHOWN} more cells have faults of this kind"))
    return faults


def _estimated(estimate: Estimate, locations: tuple[Location, ...]) -> tuple[NDArray[Any], list[Fault]]:
    """Haversine distances as seconds, rounded to the nearest (halves to even), 0 from a location to itself."""
    faults = [
        Fault(f"locations[{i}].{name}", "missing, the estimate needs it; give it or give durations_s")
        for i, location in enumerate(locations)
        for name in ("lat", "lon")
        if getattr(location, name) is None
    ]
    if faults:
        return np.zeros((0, 0), np.int32), faults
    degrees = np.array([(place.lat, place.lon) for place in locations], dtype=np.float64).reshape(-1, 2)
    table = np.empty((len(locations), len(locations)), np.int32)
    longest = 0.0
    for begin in range(0, len(locations), ROWS_AT_ONCE):
        part = slice(begin, begin + ROWS_AT_ONCE)
        km = great_circle_km(degrees[part, 0, None], degrees[part, 1, None], degrees[None, :, 0], degrees[None, :, 1])
        seconds = np.rint(km * estimate.detour / estimate.speed_kmh * 3600 + estimate.stop_s)
        longest = max(longest, float(seconds.max()))
        table[part] = np.minimum(seconds, MAX_S)
    np.fill_diagonal(table, 0)
    if longest > MAX_S:
        told = f"gives travel times up to {longest:g} s, more than {MAX_S}; check speed_kmh, detour and the coordinates"
        return table, [Fault("travel.estimate", told)]
    return table, []

"""Answers of an engine, kept per pair of coordinates: a site that moves has new coordinates and is asked for anew.

One .npz file per engine in the data directory. Nothing of it belongs to a firm: it holds coordinates and what an engine says
about them. Losing it costs only time.
"""

from __future__ import annotations

import hashlib
import os
import zipfile
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from backend.travel.spec import Spec
from planner.rounds.travel import Location, Matrix
from planner.travel.interface import NOT_REACHED, Block, Source, degrees_of

FORMAT = 1
"""Grows with every change of the file."""

KEPT_FOR = timedelta(days=30)
"""Roads change, and so do a server's data; what is older is asked anew."""

MOST_PLACES = 6000
"""Beyond that places that nobody asked for this time are forgotten: the file would grow with the square of them."""

PER_DEGREE = 1_000_000
"""Coordinates are told apart to a tenth of a metre."""

UNKNOWN = -2
"""Cell of a pair that was never asked for."""

Keys = NDArray[np.int64]


class Kept(msgspec.Struct, kw_only=True):
    """What is kept of an engine's answers; arrays over the places known, in their order."""

    keys: Keys
    """Latitude and longitude in millionths of a degree, shape (places, 2)."""

    durations_s: Matrix
    distances_m: Matrix
    road_m: NDArray[np.int32]
    """Metres to the nearest road of a place that is too far from it, `NOT_REACHED` where nobody looked that far; `UNKNOWN` for
    one that is near."""

    source: Source
    since: datetime


def keys_of(places: Sequence[Location]) -> Keys:
    """Coordinates of places as whole numbers."""
    found: Keys = np.rint(degrees_of(places) * PER_DEGREE).astype(np.int64)
    return found


def empty(source: Source, since: datetime) -> Kept:
    """Begin without any answers."""
    nothing = np.zeros((0, 0), np.int32)
    return Kept(
        keys=np.zeros((0, 2), np.int64), durations_s=nothing, distances_m=nothing, road_m=np.zeros(0, np.int32), source=source,
        since=since,
    )  # fmt: skip


def rows_of(kept: Kept, keys: Keys) -> NDArray[np.int64]:
    """Rows of coordinates among what is kept, -1 for those that are not."""
    known = {key: row for row, key in enumerate(map(tuple, kept.keys.tolist()))}
    return np.array([known.get(key, -1) for key in map(tuple, keys.tolist())], np.int64)


def grown(kept: Kept, keys: Keys) -> Kept:
    """Make room for coordinates that are not kept yet; forget others where there would be too many."""
    new = np.unique(keys[rows_of(kept, keys) < 0], axis=0)
    if len(kept.keys) + len(new) > MOST_PLACES:
        asked = set(map(tuple, keys.tolist()))
        stay = np.array([tuple(key) in asked for key in kept.keys.tolist()], np.bool_)
        kept = _part(kept, stay)
    size, old = len(kept.keys) + len(new), len(kept.keys)
    durations, distances = np.full((size, size), UNKNOWN, np.int32), np.full((size, size), UNKNOWN, np.int32)
    durations[:old, :old], distances[:old, :old] = kept.durations_s, kept.distances_m
    return Kept(
        keys=np.concatenate([kept.keys, new]), durations_s=durations, distances_m=distances,
        road_m=np.concatenate([kept.road_m, np.full(len(new), UNKNOWN, np.int32)]), source=kept.source, since=kept.since,
    )  # fmt: skip


def noted(kept: Kept, starts: Sequence[Location], ends: Sequence[Location], block: Block) -> None:
    """Write an engine's answer down."""
    rows, columns = rows_of(kept, keys_of(starts)), rows_of(kept, keys_of(ends))
    at = np.ix_(rows, columns)
    kept.durations_s[at], kept.distances_m[at] = block.durations_s, block.distances_m
    for place, row in zip((*starts, *ends), (*rows.tolist(), *columns.tolist()), strict=True):
        if place.id in block.road_m:
            metres = block.road_m[place.id]
            kept.road_m[row] = NOT_REACHED if metres is None else metres


def block_of(kept: Kept, places: Sequence[Location]) -> Block:
    """Give the table of places that are all kept."""
    rows = rows_of(kept, keys_of(places))
    at = np.ix_(rows, rows)
    far = kept.road_m[rows].tolist()
    road_m = {place.id: (None if m == NOT_REACHED else m) for place, m in zip(places, far, strict=True) if m != UNKNOWN}
    return Block(durations_s=kept.durations_s[at], distances_m=kept.distances_m[at], road_m=road_m)


def _part(kept: Kept, stay: NDArray[np.bool_]) -> Kept:
    at = np.ix_(stay, stay)
    return Kept(
        keys=kept.keys[stay], durations_s=kept.durations_s[at], distances_m=kept.distances_m[at], road_m=kept.road_m[stay],
        source=kept.source, since=kept.since,
    )  # fmt: skip


def file_of(folder: Path, spec: Spec) -> Path:
    """Return where an engine's answers are kept; an extract that was replaced is another engine."""
    told = [spec.kind.value, spec.url, str(spec.file or "")]
    if spec.file is not None:
        beside = spec.file.with_name(f"{spec.file.name}.pace.json")
        for path in (spec.file, beside, folder / beside.name):
            if path.exists():
                stamp = path.stat()
                told += [str(stamp.st_size), str(stamp.st_mtime_ns)]
    digest = hashlib.sha256("\n".join(told).encode()).hexdigest()[:16]
    return folder / f"{spec.kind.value}-{digest}.npz"


def load(path: Path, now: datetime) -> Kept | None:
    """Read what is kept; None where there is nothing, it is too old, or it cannot be read."""
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if int(stored["format"]) != FORMAT:
                return None
            since = datetime.fromisoformat(str(stored["since"]))
            if not timedelta(0) <= now - since <= KEPT_FOR:
                return None
            return Kept(
                keys=stored["keys"], durations_s=stored["durations_s"], distances_m=stored["distances_m"],
                road_m=stored["road_m"], source=msgspec.json.decode(str(stored["source"]), type=Source), since=since,
            )  # fmt: skip
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, msgspec.MsgspecError):
        return None


def save(path: Path, kept: Kept) -> None:
    """Write what is kept; where two write at the same time, the later one stays.

    Raises
    ------
    OSError
        If the data directory cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            np.savez_compressed(
                file, format=np.array(FORMAT), since=np.array(kept.since.isoformat()), keys=kept.keys,
                durations_s=kept.durations_s, distances_m=kept.distances_m, road_m=kept.road_m,
                source=np.array(msgspec.json.encode(kept.source).decode()),
            )  # fmt: skip
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)

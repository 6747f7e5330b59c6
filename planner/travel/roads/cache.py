"""The graph of an extract, kept as one .npz file so that it is read only once."""

from __future__ import annotations

import os
import zipfile
from datetime import date
from pathlib import Path

import msgspec
import numpy as np

from planner.travel.roads.graph import Graph, graph_of
from planner.travel.roads.pace import Pace
from planner.travel.roads.read import NoRoadsError, read_streets

FORMAT = 1
"""Grows when reading or the arrays change, so that no older file is taken for one of today."""

ARRAYS = (
    "length_m", "drive_s", "signals", "first_turn", "turn_to", "turn_shape", "forward", "backward", "first_point", "lat", "lon",
)  # fmt: skip


def read_graph(extract: Path, keep_in: Path | None = None) -> Graph:
    """Read the graph of an extract, from its cache where that is as old as the extract.

    Parameters
    ----------
    extract
        An .osm.pbf or .osm file.
    keep_in
        Folder of the cache; beside the extract when None. A folder that cannot be written costs only time.

    Raises
    ------
    NoRoadsError
        If the extract cannot be read or has no road.
    ModuleNotFoundError
        If it has no cache and `osmium` is not installed (extra `roads`).
    """
    try:
        stamp = extract.stat()
    except OSError as error:
        raise NoRoadsError(f"{extract} cannot be read: {error.strerror or error}") from None
    key = np.array([FORMAT, stamp.st_size, stamp.st_mtime_ns], np.int64)
    kept = (keep_in or extract.parent) / f"{extract.name}.roads.npz"
    found = _load(kept, key)
    if found is None:
        found = graph_of(read_streets(extract))
        if not found.edges:
            raise NoRoadsError(f"{extract} has no roads that lead from one to another")
        _save(found, kept, key)
    return found


def pace_beside(extract: Path, keep_in: Path | None = None) -> Pace | None:
    """Return the pace that was fitted for an extract; None where none was, or what is there is none."""
    for folder in (extract.parent, keep_in or extract.parent):
        try:
            return msgspec.json.decode((folder / f"{extract.name}.pace.json").read_bytes(), type=Pace)
        except (OSError, msgspec.MsgspecError):
            continue
    return None


def keep_pace(pace: Pace, extract: Path, keep_in: Path | None = None) -> Path:
    """Write the pace of an extract beside it, or into another folder where that cannot be written.

    Raises
    ------
    OSError
        If neither can be written.
    """
    told = msgspec.json.format(msgspec.json.encode(pace)) + b"\n"
    path = extract.with_name(f"{extract.name}.pace.json")
    try:
        path.write_bytes(told)
    except OSError:
        if keep_in is None:
            raise
        path = keep_in / path.name
        path.write_bytes(told)
    return path


def _load(path: Path, key: np.ndarray[tuple[int], np.dtype[np.int64]]) -> Graph | None:
    try:
        with path.open("rb") as file, np.load(file, allow_pickle=False) as stored:
            if not np.array_equal(stored["key"], key):
                return None
            day = str(stored["data_date"])
            arrays = {name: stored[name] for name in ARRAYS}
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):  # none yet, cut short, or another version's
        return None
    return Graph(**arrays, data_date=date.fromisoformat(day) if day else None)


def _save(graph: Graph, path: Path, key: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    day = graph.data_date.isoformat() if graph.data_date else ""
    try:
        with draft.open("wb") as file:
            np.savez_compressed(file, key=key, data_date=np.array(day), **{name: getattr(graph, name) for name in ARRAYS})
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)

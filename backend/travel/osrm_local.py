"""OSRM inside this process over an extract, where its wheel is installed (extra `osrm`, Python 3.12 or later)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from backend.travel.down import Down, EngineDown
from backend.travel.http import Cells, cells_of
from backend.travel.osrm import cells_without
from planner.rounds.travel import Location
from planner.travel.interface import ATTRIBUTION, SNAP_LIMIT_M, Block, Kind, Source, degrees_of

STEPS_TAKE_S = 3600
"""A country takes minutes; what takes longer hangs."""


class OsrmLocal:
    """An extract prepared for OSRM, in a folder beside it, and asked in this process.

    Parameters
    ----------
    extract
        An .osm.pbf file.
    keep_in
        Folder for what OSRM makes of it.

    Raises
    ------
    EngineDown
        If OSRM cannot prepare it.
    """

    def __init__(self, extract: Path, keep_in: Path) -> None:
        import osrm

        self._osrm: Any = osrm
        self._name = extract.name
        self._engine = osrm.OSRM(
            storage_config=str(_prepared(extract, keep_in)),
            algorithm="CH",
            max_locations_distance_table=-1,
            use_shared_memory=False,
        )

    @property
    def source(self) -> Source:
        """The extract."""
        return Source(kind=Kind.OSRM, name=self._name, attribution=ATTRIBUTION)

    def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Ask for the whole table at once."""
        degrees_of([*starts, *ends])
        places = [*starts, *ends]
        question = self._osrm.TableParameters(
            coordinates=[(place.lon, place.lat) for place in places],
            sources=list(range(len(starts))),
            destinations=list(range(len(starts), len(places))),
            annotations=["duration", "distance"],
        )
        try:
            answer = self._engine.Table(question)
        except RuntimeError as error:
            raise EngineDown("OSRM", Down.ODD, f"it has no table of these places: {error}") from error
        away = {
            place.id: float(point["distance"])
            for place, point in zip(places, [*answer["sources"], *answer["destinations"]], strict=True)
        }
        far = {name: round(metres) for name, metres in away.items() if metres > SNAP_LIMIT_M}
        cells: Cells = cells_of(_rows(answer["durations"]), _rows(answer["distances"]), 1.0, (len(starts), len(ends)))
        cells = cells_without(cells, starts, ends, far)
        return Block(durations_s=cells.durations_s, distances_m=cells.distances_m, road_m=far)


def _rows(table: Any) -> list[list[float | None]]:
    return [list(row) for row in table]


def _prepared(extract: Path, keep_in: Path) -> Path:
    """Return OSRM's data of an extract, made where they are missing or the extract was replaced."""
    try:
        stamp = extract.stat()
    except OSError as error:
        raise EngineDown("OSRM", Down.DATA, f"{extract} cannot be read: {error.strerror or error}") from error
    # OSRM cuts its file names at the first ".osm.pbf" or ".osrm" of the whole path.
    folder = keep_in / f"{extract.name.replace('.', '_')}-{stamp.st_size:x}-{stamp.st_mtime_ns:x}"
    base = folder / "roads.osrm"
    if not folder.exists():
        keep_in.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix="osrm-", dir=keep_in))
        try:
            profile = resources.files("osrm") / "share" / "profiles" / "car.lua"
            _step("extract", "-p", str(profile), "-d", "osmosis", "-o", str(draft / base.name), str(extract.absolute()))
            _step("contract", str(draft / base.name))
            os.replace(draft, folder)  # noqa: PTH105 - a folder; whoever is first stays
        except OSError as error:
            if not folder.exists():
                raise EngineDown("OSRM", Down.DATA, f"{extract} cannot be prepared: {error}") from error
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    return base


def _step(name: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "osrm", name, *arguments]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=STEPS_TAKE_S, check=False)  # noqa: S603 - ours
    except subprocess.TimeoutExpired as error:
        raise EngineDown("OSRM", Down.DATA, f"its {name} takes too long") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines() or [f"exit code {done.returncode}"]
        raise EngineDown("OSRM", Down.DATA, f"its {name} fails: {said[-1]}")

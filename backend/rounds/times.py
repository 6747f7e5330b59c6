"""Travel times of a run: asked once, kept with the run, and in its problem wherever that is used."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
from msgspec import Struct
from msgspec.structs import replace

from backend.rounds.preferences import TRAVEL
from backend.rounds.snapshot import Snapshot
from backend.settings import Settings
from backend.travel.record import Travelled
from backend.travel.service import travelled
from backend.travel.spec import ESTIMATE, Spec, parse_spec
from planner.rounds.problem import Travel
from planner.travel.kilometres import Kilometres

LOOK_S = 0.2
"""How often it is looked whether somebody stopped a run while an engine is asked."""

FILES_KEPT = 32
"""Matrices of runs that this process keeps as files; more runs are not looked at or searched at the same time."""


class EngineChoice(Struct, frozen=True, kw_only=True):
    """Which engine is asked, and where its answers are kept."""

    spec: Spec = ESTIMATE
    folder: Path | None = None


ESTIMATED = EngineChoice()


def engine_of(settings: Settings) -> EngineChoice:
    """Return the engine that is set."""
    return EngineChoice(spec=parse_spec(settings.travel) or ESTIMATE, folder=settings.data_dir / "travel")


async def travel_of(snapshot: Snapshot, engine: EngineChoice, gone: Callable[[], bool]) -> Travelled | None:
    """Return the travel times of a run, from before or from the engine; None if `gone` says that nobody wants them any more."""
    if snapshot.travel is not None:
        return snapshot.travel
    task = asyncio.create_task(travelled(engine.spec, snapshot.problem.locations, TRAVEL, engine.folder))
    try:
        while not task.done():
            await asyncio.wait([task], timeout=LOOK_S)
            if gone():
                return None
        return await task
    finally:
        task.cancel()


def with_times(snapshot: Snapshot) -> Snapshot:
    """Give a snapshot whose problem has the run's travel times; unchanged where they are the problem's own estimate."""
    travel = snapshot.travel
    if travel is None or not travel.places:
        return snapshot
    path = _files().path_of(travel)
    return replace(snapshot, problem=replace(snapshot.problem, travel=Travel(durations_npy=str(path))))


def kilometres(snapshot: Snapshot) -> Kilometres:
    """Return what states the metres of a plan's legs."""
    travel = snapshot.travel
    return Kilometres(snapshot.problem, travel.distances_m() if travel is not None and travel.places else None)


class _Files:
    """Matrices as files of this process, by content: a problem names a file, and the search reads it in another process."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="liftrounds-travel-")
        self._order: list[Path] = []

    def path_of(self, travel: Travelled) -> Path:
        """Return the file of a matrix, written where it is not there."""
        path = Path(self._folder.name) / f"{hashlib.sha256(travel.durations).hexdigest()[:32]}.npy"
        if not path.exists():
            draft = path.with_suffix(f".{id(travel)}.tmp")
            with draft.open("wb") as file:
                np.save(file, travel.durations_s())
            draft.replace(path)
            self._order.append(path)
            while len(self._order) > FILES_KEPT:
                self._order.pop(0).unlink(missing_ok=True)
        return path


@cache
def _files() -> _Files:
    return _Files()

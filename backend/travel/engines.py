"""The one interface of all engines, and which setting becomes which engine."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path
from typing import Protocol

from backend.travel.down import Down, EngineDown
from backend.travel.spec import Spec
from planner.rounds.travel import Estimate, Location
from planner.travel.interface import Block, Kind, Source, TravelTimes


class Engine(Protocol):
    """A source of travel times that never holds up the event loop; `planner.travel.interface.TravelTimes`, asked from there."""

    @property
    def source(self) -> Source:
        """What it is and how old its data are, as far as it has told by now."""
        ...

    async def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Give seconds and metres from each of some places to each of others.

        Raises
        ------
        EngineDown
            If it cannot be had.
        planner.travel.interface.NoPositionError
            Naming every place without coordinates.
        """
        ...

    async def probe(self) -> str:
        """Say in a few words that it answers.

        Raises
        ------
        EngineDown
            If it does not, with the reason.
        """
        ...

    async def close(self) -> None:
        """Let go of what it holds."""
        ...


class InThread:
    """A source in this process, asked in another thread.

    Parameters
    ----------
    make
        Makes the source on the first question; may take seconds.
    told
        What `probe` says when it can be made.
    """

    def __init__(self, make: Callable[[], TravelTimes], told: str) -> None:
        self._make, self._told = make, told
        self._made: TravelTimes | None = None
        self._lock = asyncio.Lock()

    @property
    def source(self) -> Source:
        """As the source says, once it is made."""
        if self._made is None:
            raise RuntimeError("the source is made on the first question")
        return self._made.source

    async def block(self, starts: Sequence[Location], ends: Sequence[Location]) -> Block:
        """Ask in another thread."""
        made = await self._ready()
        return await asyncio.to_thread(made.block, starts, ends)

    async def probe(self) -> str:
        """Make the source, if that can be done."""
        await self._ready()
        return self._told

    async def close(self) -> None:
        """Nothing is held."""

    async def _ready(self) -> TravelTimes:
        async with self._lock:
            if self._made is None:
                self._made = await asyncio.to_thread(self._make)
            return self._made


@asynccontextmanager
async def opened(spec: Spec, estimate: Estimate, keep_in: Path | None = None) -> AsyncIterator[Engine]:
    """Open the engine of a setting and close it again.

    Parameters
    ----------
    spec
        Which.
    estimate
        For `Kind.ESTIMATE`.
    keep_in
        Folder for what is made of an extract; beside it when None.
    """
    engine = _engine(spec, estimate, keep_in)
    try:
        yield engine
    finally:
        await engine.close()


def _engine(spec: Spec, estimate: Estimate, keep_in: Path | None) -> Engine:
    if spec.kind is Kind.OSRM:
        from backend.travel.http import Client
        from backend.travel.osrm import Osrm

        return Osrm(Client(f"OSRM {spec.name}", spec.url), spec.name)
    if spec.kind is Kind.VALHALLA:
        from backend.travel.http import Client
        from backend.travel.valhalla import Valhalla

        return Valhalla(Client(f"Valhalla {spec.name}", spec.url), spec.name)
    if spec.kind is Kind.ROADS:
        assert spec.file is not None  # noqa: S101 - parse_spec gives one
        file = spec.file
        return InThread(lambda: _roads(file, keep_in), f"the roads of {file.name} can be read")
    return InThread(lambda: _estimated(estimate), "an estimate from coordinates needs no engine")


def _estimated(estimate: Estimate) -> TravelTimes:
    from planner.travel.simple import Estimated

    return Estimated(estimate)


def has_osrm() -> bool:
    """Whether OSRM itself is installed (extra `osrm`, Python 3.12 or later)."""
    try:
        metadata.version("osrm-bindings")  # another package imports under the same name
    except metadata.PackageNotFoundError:
        return False
    return True


def _roads(file: Path, keep_in: Path | None) -> TravelTimes:
    """Make a source of an extract: OSRM where it is installed, otherwise our own search.

    A pace that was fitted to measured times is kept beside the extract, and only our own search knows it.
    """
    from planner.travel.roads.cache import pace_beside, read_graph
    from planner.travel.roads.engine import Roads
    from planner.travel.roads.pace import PACE
    from planner.travel.roads.read import NoRoadsError

    try:
        pace = pace_beside(file, keep_in)
        if pace is None and has_osrm():
            from backend.travel.osrm_local import OsrmLocal

            return OsrmLocal(file, keep_in or file.parent)
        return Roads(read_graph(file, keep_in), pace or PACE, file.name, threads=os.cpu_count() or 1)
    except NoRoadsError as error:
        raise EngineDown("the road data", Down.DATA, str(error)) from error
    except ModuleNotFoundError as error:
        if error.name != "osmium":
            raise
        raise EngineDown("the road data", Down.MISSING, "osmium is not installed: pip install 'liftrounds[roads]'") from error

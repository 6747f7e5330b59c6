"""`liftrounds travel` puts travel times of real roads into a problem file."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click
import msgspec

from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput, Unavailable

if TYPE_CHECKING:
    from backend.travel.spec import Spec
    from planner.rounds.problem import Problem
    from planner.travel.interface import TravelTable
    from planner.travel.roads.fit import Fit

SHOWN = 20
"""Places and pairs without a way that are listed one by one in the terminal; --json has all places."""

FIT_PLACES = 100
"""Places between which the pace is fitted: ten thousand drives say no more than a million."""

OWN_MATRIX = "matrix"


@click.command()
@click.argument("problem_file", metavar="PROBLEM.json", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", required=True, metavar="OUT.json", type=click.Path(path_type=Path),
    help="Where the problem goes; the matrices are written beside it, OUT.durations.npy and OUT.distances.npy.",
)  # fmt: skip
@click.option(
    "--engine", metavar="ENGINE",
    help="estimate, osrm:URL, valhalla:URL or roads:FILE.osm.pbf.  [default: LIFTROUNDS_TRAVEL, else estimate]",
)  # fmt: skip
@click.option(
    "--stop", "stop_s", type=click.IntRange(0, 86_400), metavar="SECONDS",
    help="Added to every drive, to park and walk in.  [default: what the problem's estimate says, else 0]",
)  # fmt: skip
@click.option(
    "--fit", metavar="ENGINE",
    help="First fit the pace of a road graph to another engine, or to the problem's own matrix (`matrix`); it is kept beside"
    " the extract.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")
def travel(problem_file: Path, output: Path, engine: str | None, stop_s: int | None, fit: str | None, as_json: bool) -> None:
    """Give PROBLEM.json the travel times of real roads and write it to OUT.json.

    Locations need lat and lon (WGS-84). What cannot be reached is listed by name and stands as a hundred days in the
    matrix, so that no route goes there.

    Exit code 1 means that some places cannot be reached from all others; 2 that a file or an engine cannot be used.

    \b
    Examples:
      liftrounds travel problem.json -o roads.json --engine roads:manhattan.osm.pbf
      liftrounds travel problem.json -o osrm.json --engine osrm:http://127.0.0.1:5000
      liftrounds travel problem.json -o roads.json --engine roads:city.osm.pbf --fit osrm:http://127.0.0.1:5000
    """
    from backend import logs
    from backend.settings import read_settings
    from planner.rounds.faults import FaultyInputError
    from planner.rounds.problem import read_problem

    settings = read_settings()
    logs.configure(msgspec.structs.replace(settings, log_level="WARNING"))  # the error stream, and no word of every request
    spec = _spec(engine if engine is not None else settings.travel, "--engine")
    try:
        problem = read_problem(problem_file)
    except FaultyInputError as error:
        faults = [Fault(fault.path, None, fault.message) for fault in error.faults]
        raise InvalidInput("{path} cannot be used", path=problem_file, faults=faults) from None
    _refuse_unplaced(problem)
    fitted = asyncio.run(_fit(problem, spec, fit)) if fit is not None else None
    table = asyncio.run(_asked(problem, spec))
    if stop_s is None:
        stop_s = problem.travel.estimate.stop_s if problem.travel.estimate is not None else 0
    written = _write(problem, table, output, 0 if spec.kind == "estimate" else stop_s)
    click.echo(_json(table, written, fitted) if as_json else _summary(table, written, fitted))
    sys.stdout.flush()
    sys.exit(0 if table.complete else EXIT_FINDING)


def _spec(text: str, option: str) -> Spec:
    from backend.travel.spec import WAY_OUT, parse_spec

    spec = parse_spec(text)
    if spec is None:
        raise click.BadParameter(f"{text!r} is no engine: {WAY_OUT}", param_hint=option)
    return spec


def _refuse_unplaced(problem: Problem) -> None:
    """Refuse locations without a position, all at once."""
    faults = [
        Fault(f"locations[{number}].{name}", None, f"missing for {place.id}; give it in degrees (WGS-84)")
        for number, place in enumerate(problem.locations)
        for name in ("lat", "lon")
        if getattr(place, name) is None
    ]
    if faults:
        raise InvalidInput("travel times need the position of every location", faults=faults)


async def _asked(problem: Problem, spec: Spec) -> TravelTable:
    from backend.rounds.preferences import TRAVEL
    from backend.travel.service import travel_table

    return await travel_table(spec, problem.locations, problem.travel.estimate or TRAVEL, None)


async def _fit(problem: Problem, spec: Spec, wanted: str) -> Fit:
    """Fit the pace of the road graph and keep it beside the extract."""
    from backend.rounds.preferences import TRAVEL
    from backend.travel.service import travel_table
    from planner.rounds.travel import travel_matrix
    from planner.travel.roads.cache import keep_pace, read_graph
    from planner.travel.roads.fit import TooFewPairsError, fit_pace
    from planner.travel.roads.read import NoRoadsError

    if spec.file is None:
        raise click.BadParameter("only the pace of roads:FILE can be fitted", param_hint="--fit")
    step = max(1, len(problem.locations) // FIT_PLACES)
    chosen = problem.locations[::step][:FIT_PLACES]
    if wanted == OWN_MATRIX:
        measured = travel_matrix(problem.travel, problem.locations)[::step, ::step][: len(chosen), : len(chosen)]
    else:
        # An engine names what has no way with a negative number, which is no measured time.
        measured = (await travel_table(_spec(wanted, "--fit"), chosen, TRAVEL, None)).durations_s
    try:
        graph = await asyncio.to_thread(read_graph, spec.file)
        found = await asyncio.to_thread(fit_pace, graph, chosen, measured)
    except (NoRoadsError, TooFewPairsError) as error:
        raise Unavailable("the pace cannot be fitted: {why}", why=str(error)) from error
    try:
        keep_pace(found.pace, spec.file)
    except OSError as error:
        raise Unavailable("{path} cannot be written: {why}", path=error.filename, why=error.strerror or error) from error
    return found


def _write(problem: Problem, table: TravelTable, output: Path, stop_s: int) -> list[Path]:
    """Write the problem and its matrices; each file appears when it is complete."""
    import numpy as np

    from planner.rounds.problem import Travel

    seconds = table.for_planning() + np.where(table.durations_s >= 0, stop_s, 0).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    durations = output.with_name(f"{output.stem}.durations.npy")
    distances = output.with_name(f"{output.stem}.distances.npy")
    told = msgspec.structs.replace(problem, travel=Travel(durations_npy=durations.name))
    document = msgspec.json.encode(told) + b"\n"
    _into(durations, lambda file: np.save(file, seconds.astype(np.int32)))
    _into(distances, lambda file: np.save(file, table.distances_m))
    _into(output, lambda file: file.write(document))
    return [output, durations, distances]


def _into(path: Path, write: Callable[[BinaryIO], object]) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with draft.open("wb") as file:
            write(file)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise Unavailable("{path} cannot be written: {why}", path=path, why=error.strerror or error) from error


def _summary(table: TravelTable, written: list[Path], fitted: Fit | None) -> str:
    import numpy as np

    source = table.source
    day = f", data of {source.data_date}" if source.data_date else ""
    lines = [f"{len(table.names)} places, {source.kind.value}{f' {source.name}' if source.name else ''}{day}."]
    if fitted is not None:
        lines.append(
            f"Pace fitted to {fitted.pairs} drives: median {fitted.median:.2f} of theirs, nine in ten {fitted.low:.2f} to"
            f" {fitted.high:.2f}."
        )
    known = table.durations_s[~np.eye(len(table.names), dtype=np.bool_) & (table.durations_s >= 0)]
    if known.size:
        lines.append(f"Between two places {int(np.median(known))} s of driving in the middle, {int(known.max())} s at most.")
    lines += [f"  {each.told()}" for each in table.stranded[:SHOWN]]
    if len(table.stranded) > SHOWN:
        lines.append(f"  and {len(table.stranded) - SHOWN} more places")
    away = {each.place for each in table.stranded}
    pairs = [each for each in islice(table.no_way(), 100_000) if each.start not in away and each.end not in away]
    lines += [f"  {each.told()}" for each in pairs[:SHOWN]]
    if len(pairs) > SHOWN:
        lines.append(f"  and {len(pairs) - SHOWN} more pairs")
    lines.append(f"Written to {', '.join(map(str, written))}.")
    if source.attribution:
        lines.append(source.attribution)
    return "\n".join(lines)


def _json(table: TravelTable, written: list[Path], fitted: Fit | None) -> str:
    facts = {
        "places": len(table.names),
        "source": table.source,
        "stranded": table.stranded,
        "pairs_without_way": int((table.durations_s < 0).sum()),
        "fit": fitted,
        "written": list(map(str, written)),
    }
    return msgspec.json.encode(facts).decode()

"""Compare our road graph with real routing engines on real buildings: seconds of work, memory, and the times they state.

    python tests/bench/travel/bench_roads.py EXTRACT.osm.pbf REGISTER.csv [--osrm URL] [--valhalla URL]

REGISTER has columns `bin`, `lat`, `lon`; rows of one `bin` are one building. OSRM answers the whole table in one request if it
was started with `--max-table-size 4000`; Valhalla is asked for a sample. Ours runs in one thread here; a server is another
process.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import httpx
import numpy as np
from numpy.typing import NDArray

from backend.travel.service import travel_table
from backend.travel.spec import parse_spec
from planner.rounds.travel import Estimate, Location
from planner.travel.roads.cache import read_graph
from planner.travel.roads.engine import Roads
from planner.travel.roads.fit import fit_pace
from planner.travel.roads.graph import Graph, graph_of
from planner.travel.roads.pace import PACE
from planner.travel.roads.read import read_streets
from planner.travel.roads.snap import Snapper

SHORTEST_S = 20
TRAINED = 100
SAMPLED = 200

Floats = NDArray[np.float64]


def told(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("extract", type=Path)
    parser.add_argument("register", type=Path)
    parser.add_argument("--osrm", help="address of an OSRM server over the same extract")
    parser.add_argument("--valhalla", help="address of a Valhalla server over the same extract")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    places = _buildings(asked.register)
    graph = _built(asked.extract)
    ours_s = _searched(graph, places)
    rng = np.random.default_rng(asked.seed)
    if asked.osrm:
        measured, took_s = _osrm(asked.osrm, places)
        told(f"OSRM, one request: {took_s:.2f} s, ours {ours_s / took_s:.2f} of it")
        _compared("OSRM", graph, places, measured, rng)
    if asked.valhalla:
        sample = [places[i] for i in rng.choice(len(places), SAMPLED, replace=False)]
        begun = time.perf_counter()
        spec = parse_spec(f"valhalla:{asked.valhalla}")
        assert spec is not None
        table = asyncio.run(travel_table(spec, sample, Estimate(speed_kmh=25, detour=1.3, stop_s=0), None))
        took_s = time.perf_counter() - begun
        told(f"Valhalla, {SAMPLED} of the places: {took_s:.2f} s, so {took_s * (len(places) / SAMPLED) ** 2:.0f} s for all")
        _compared("Valhalla", graph, sample, table.durations_s.astype(np.float64), rng)
    told(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


def _buildings(register: Path) -> list[Location]:
    found: dict[str, Location] = {}
    with register.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            if row["lat"] and row["lon"]:
                found.setdefault(row["bin"], Location(row["bin"], float(row["lat"]), float(row["lon"])))
    return list(found.values())


def _built(extract: Path) -> Graph:
    begun = time.perf_counter()
    streets = read_streets(extract)
    read = time.perf_counter()
    graph = graph_of(streets)
    built = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        read_graph(extract, Path(folder))
        saved = time.perf_counter()
        read_graph(extract, Path(folder))
        loaded = time.perf_counter() - saved
    told(
        f"{len(streets.position)} nodes, {len(streets.ways)} ways -> {graph.edges} edges, {len(graph.turn_to)} turns: read"
        f" {read - begun:.2f} s, graph {built - read:.2f} s, from the cache {loaded:.3f} s"
    )
    return graph


def _searched(graph: Graph, places: list[Location]) -> float:
    begun = time.perf_counter()
    Roads(graph).block(places[:2], places[:2])
    told(f"first search, compiling or loading what is compiled: {time.perf_counter() - begun:.2f} s")
    begun = time.perf_counter()
    Snapper(graph).snap(np.array([(place.lat, place.lon) for place in places], np.float64))
    snapped_s = time.perf_counter() - begun
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        block = Roads(graph).block(places, places)
        took.append(time.perf_counter() - begun)
    lost = int((block.durations_s < 0).sum())
    told(f"{len(places)} places: snapped in {snapped_s:.2f} s; whole table in {min(took):.2f} s, {lost} pairs without a way")
    return min(took)


def _osrm(url: str, places: list[Location]) -> tuple[Floats, float]:
    """Ask for the whole table at once, as quickly as the server can."""
    where = ";".join(f"{place.lon:.6f},{place.lat:.6f}" for place in places)
    took = []
    for _ in range(3):
        begun = time.perf_counter()
        answer = httpx.get(f"{url}/table/v1/driving/{where}?annotations=duration,distance", timeout=300)
        found = json.loads(answer.content)
        took.append(time.perf_counter() - begun)
    return np.array(found["durations"], np.float64), min(took)


def _compared(name: str, graph: Graph, places: list[Location], measured: Floats, rng: np.random.Generator) -> None:
    """Fit the pace on some places, and compare on the others."""
    chosen = rng.permutation(len(places))
    train, test = chosen[: min(TRAINED, len(places) // 2)], chosen[min(TRAINED, len(places) // 2) :]
    seconds = np.where(np.isfinite(measured) & (measured >= 0), np.rint(measured), -1).astype(np.int32)
    begun = time.perf_counter()
    fit = fit_pace(graph, [places[i] for i in train], seconds[np.ix_(train, train)])
    told(f"fitted to {name} in {time.perf_counter() - begun:.2f} s: {fit.pace}")
    there, wanted = [places[i] for i in test], measured[np.ix_(test, test)]
    for title, pace in (("as it comes", PACE), ("fitted", fit.pace)):
        _ratios(f"{name}, {title}", Roads(graph, pace).block(there, there).durations_s, wanted)


def _ratios(title: str, stated: NDArray[np.int32], wanted: Floats) -> None:
    pairs = (wanted >= SHORTEST_S) & (stated >= 0) & ~np.eye(len(wanted), dtype=np.bool_)
    ratio = stated[pairs] / wanted[pairs]
    low, median, high = np.percentile(ratio, [5, 50, 95])
    within = float(((ratio >= 0.5) & (ratio <= 2)).mean())
    told(
        f"  {title}: {pairs.sum()} drives, median {median:.3f}, nine in ten {low:.3f} to {high:.3f}, within a factor of two"
        f" {within:.4%}, mean error {np.abs(stated[pairs] - wanted[pairs]).mean():.1f} s of {wanted[pairs].mean():.0f} s"
    )


if __name__ == "__main__":
    main()

"""Compare the search of rounds with other solvers: made-up weeks, the classes of the literature, published instances.

    uv run --group bench python tests/bench/rounds/bench_search.py weeks --visits 300 1000 --seeds 3
    uv run --group bench python tests/bench/rounds/bench_search.py classes --visits 200 400 --seeds 2 --time-limit 60
    uv run --group bench python tests/bench/rounds/bench_search.py public FOLDER

Every plan is judged by our evaluator. Solvers run one after the other, each in a process of its own, on the same file. A run
is a line of a file (`--runs`), and what stands there is not run again, so that a bench that was stopped goes on where it was.
In the end a Markdown table is printed, with ratios to the cheapest valid plan of each problem or, where it is published, to
the best known value; costs and seconds of one machine mean little on another.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import msgspec

from planner.rounds.evaluate import evaluate
from planner.rounds.plan import read_plan, write_plan
from planner.rounds.problem import Problem, read_problem
from tests.bench.rounds.classes import KINDS, instance
from tests.bench.rounds.peers import PEERS, RefusedError, plan_by
from tests.bench.rounds.public import read
from tests.bench.rounds.weeks import week

OURS = "liftrounds"
VISITS_PER_CREW = 100
"""Of a week of ten days."""
DAYS = 10
LAYOUTS = ("c1", "r1", "rc2")
TOOLS = ("numba", "ortools", "pyvrp", "pyvroom", "numpy")

Asked = tuple[str, Problem, int | None]
"""Name of a problem, the problem, and the best value known of it."""


def weeks(args: argparse.Namespace) -> Iterator[Asked]:
    """Problems of several days."""
    for visits in args.visits:
        for seed in range(1, args.seeds + 1):
            crews = max(1, visits // VISITS_PER_CREW)
            yield f"{visits} visits, {crews} crews, week {seed}", week(visits, crews, DAYS, seed), None


def classes(args: argparse.Namespace) -> Iterator[Asked]:
    """Problems of one day, after the classes of the literature."""
    for kind in KINDS:
        for visits in args.visits:
            for layout in LAYOUTS:
                for seed in range(1, args.seeds + 1):
                    yield f"{kind} {layout} {visits}, {seed}", instance(kind, layout, visits, seed), None


def public(args: argparse.Namespace) -> Iterator[Asked]:
    """Published instances of a folder, with the best known value of a solution file beside them."""
    for path in sorted(args.folder.rglob("*")):
        if path.suffix.lower() in (".vrp", ".txt"):
            problem, best = read(path)
            yield f"{path.parent.name} {path.stem}", problem, best


def memory_mb(group: int) -> float:
    """Memory that the processes of a group hold now, shared pages counted once (Linux; 0 elsewhere)."""
    total_kb = 0
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if os.getpgid(int(entry.name)) == group:
                lines = (entry / "smaps_rollup").read_text().splitlines()
                total_kb += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
        except (OSError, ValueError):
            continue  # it has ended
    return total_kb / 1024


def measured(command: list[str]) -> tuple[float, float, str]:
    """Wall seconds, peak memory in MB and the last line of the error output of a command."""
    with tempfile.TemporaryFile() as said:
        begun_s = time.monotonic()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=said, start_new_session=True)
        peak_mb = 0.0
        while child.poll() is None:
            peak_mb = max(peak_mb, memory_mb(child.pid))
            time.sleep(0.2)
        wall_s = time.monotonic() - begun_s
        said.seek(0)
        lines = said.read().decode(errors="replace").strip().splitlines()
    return wall_s, peak_mb, lines[-1] if lines else ""


def run(solver: str, problem: Problem, args: argparse.Namespace) -> dict[str, Any]:
    """Give one solver one problem, and judge its plan."""
    limit_s = args.time_limit if solver == OURS else args.peer_time_limit
    with tempfile.TemporaryDirectory() as folder:
        file, plan = Path(folder, "problem.json"), Path(folder, "plan.json")
        file.write_bytes(msgspec.json.encode(problem))
        common = [str(file), "-o", str(plan), "--time-limit", f"{limit_s:g}", "--seed", str(args.seed)]
        if solver == OURS:
            command = [sys.executable, "-m", "backend.cli", "plan", *common, "--workers", str(args.workers)]
        else:
            command = [sys.executable, __file__, "peer", *common, "--peer", solver]
        wall_s, peak_mb, said = measured(command)
        row = {"limit_s": limit_s, "wall_s": round(wall_s, 1), "peak_mb": round(peak_mb)}
        if not plan.exists():
            return row | {"note": said or "no plan"}
        verdict = evaluate(problem, read_plan(plan))
    row |= {"valid": verdict.valid, "total": verdict.cost.total}
    return row | {"missed": verdict.missed_mandatory, "deferred": verdict.deferred, "routes": verdict.routes}


def peer(args: argparse.Namespace) -> None:
    """Be a peer's process."""
    try:
        write_plan(plan_by(args.peer, read_problem(args.problem), args.time_limit, args.seed), args.output)
    except (RefusedError, ImportError) as reason:
        sys.exit(str(reason))


def table(rows: list[dict[str, Any]]) -> str:
    """Ratios as Markdown, a line per problem, a column per solver."""
    by_problem: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows:
        by_problem[row["problem"]][row["solver"]] = row
    solvers = list(dict.fromkeys(row["solver"] for row in rows))
    limits = {row["solver"]: row["limit_s"] for row in rows}
    lines = ["| problem | " + " | ".join(f"{name}, {limits[name]:g} s" for name in solvers) + " | wall s | peak MB |"]
    lines.append("|---" * (len(solvers) + 3) + "|")
    for name, found in by_problem.items():
        totals = [row["total"] for row in found.values() if row.get("valid")]
        best = next((row["best"] for row in found.values() if row.get("best")), None) or min(totals, default=None)
        cells = [_cell(found.get(solver), best) for solver in solvers]
        walls = " / ".join(f"{found[one]['wall_s']:g}" if one in found else "–" for one in solvers)
        peaks = " / ".join(f"{found[one]['peak_mb']:g}" if one in found else "–" for one in solvers)
        lines.append(f"| {name} | " + " | ".join(cells) + f" | {walls} | {peaks} |")
    return "\n".join(lines)


def _cell(row: dict[str, Any] | None, best: int | None) -> str:
    if row is None or "total" not in row:
        return "–"
    if not row["valid"]:
        return "broken"
    told = f"{row['total'] / best:.4f}" if best else str(row["total"])
    return f"{told}, {row['missed']} missed" if row["missed"] else told


def _version(name: str) -> str:
    try:
        return f"{name} {metadata.version(name)}"
    except metadata.PackageNotFoundError:
        return f"{name} –"


def head(args: argparse.Namespace) -> str:
    """Where, when and with what the table was made."""
    model = next((line for line in _cpu_lines() if line.startswith("model name")), "").partition(": ")[2]
    tools = ", ".join(map(_version, TOOLS))
    date = datetime.datetime.now(tz=datetime.UTC).date().isoformat()
    machine = f"{os.cpu_count()} cores, {model or platform.machine()}, load {os.getloadavg()[0]:.1f} at the end"
    workers = "one worker" if args.workers == 1 else f"{args.workers} workers"
    return f"{date}; {machine}; Python {platform.python_version()}, {tools}; {workers}, seed {args.seed}; peers one core."


def _cpu_lines() -> list[str]:
    path = Path("/proc/cpuinfo")
    return path.read_text().splitlines() if path.exists() else []


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    kinds = {"weeks": weeks, "classes": classes, "public": public}
    for name, make in kinds.items():
        one = commands.add_parser(name, help=(make.__doc__ or "").strip())
        one.set_defaults(make=make)
        if make is public:
            one.add_argument("folder", type=Path, metavar="FOLDER")
        else:
            one.add_argument("--visits", type=int, nargs="+", default=[300] if make is weeks else [200])
            one.add_argument("--seeds", type=int, default=1, help="problems of each kind")
        one.add_argument("--solvers", nargs="+", default=[OURS, *PEERS], choices=[OURS, *PEERS])
        one.add_argument("--time-limit", type=float, default=60.0, metavar="SECONDS", help="for our search")
        one.add_argument("--peer-time-limit", type=float, default=60.0, metavar="SECONDS", help="for the others")
        one.add_argument("--seed", type=int, default=1, help="of the searches")
        one.add_argument("--workers", type=int, default=1, help="of our search")
        one.add_argument("--runs", type=Path, metavar="FILE", help="keep the runs, and do none twice")
    own = commands.add_parser("peer", help="one run of another solver, as the bench calls it")
    own.add_argument("problem", type=Path)
    own.add_argument("-o", "--output", type=Path, required=True)
    own.add_argument("--peer", choices=PEERS, required=True)
    own.add_argument("--time-limit", type=float, required=True)
    own.add_argument("--seed", type=int, required=True)
    return parser.parse_args()


def main() -> None:
    """Run what is asked for and print the table."""
    args = arguments()
    if args.command == "peer":
        peer(args)
        return
    known: dict[tuple[Any, ...], dict[str, Any]] = {}
    keys = ("problem", "solver", "limit_s", "seed", "workers")
    if args.runs and args.runs.exists():
        lines = [json.loads(line) for line in args.runs.read_text().splitlines()]
        known = {tuple(row[key] for key in keys): row for row in lines}
    rows = []
    for name, problem, best in args.make(args):
        for solver in args.solvers:
            limit_s = args.time_limit if solver == OURS else args.peer_time_limit
            workers = args.workers if solver == OURS else 1
            row = {"problem": name, "solver": solver, "limit_s": limit_s, "seed": args.seed, "workers": workers, "best": best}
            before = known.get(tuple(row[key] for key in keys))
            if before is None:
                row |= run(solver, problem, args)
                if args.runs:
                    with args.runs.open("a") as file:
                        file.write(json.dumps(row) + "\n")
            rows.append(before or row)
            print(json.dumps(rows[-1]), file=sys.stderr, flush=True)  # noqa: T201
    print(f"{head(args)}\n\n{table(rows)}")  # noqa: T201


if __name__ == "__main__":
    main()

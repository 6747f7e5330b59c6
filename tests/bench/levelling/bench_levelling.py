"""How even the load lies after a levelling, and how long it takes, against everybody as late as the law allows.

::

    uv run python tests/bench/levelling/bench_levelling.py [--elevators 500 --elevators 5000] [--time-limit 18] [--seed 1]

A made-up fleet over National Day (seven days on which nobody works): fixed and on demand, sites of one to six, some at night.
The yardstick is each visit on the last day of its window on which somebody works, with the same rule of the chain; it keeps no
limit of hours, so what is above a day's hours is told beside it.
"""

from __future__ import annotations

import platform
import resource
import time

import click

from planner.levelling.evaluate import evaluate
from planner.levelling.fleet import Fleet, compile_fleet
from planner.levelling.latest import latest_days, loads_of
from planner.levelling.levels import Levels
from planner.levelling.solve import Limit, level
from tests.support.levelling import fleet as made_up

LIMITS_S = {500: 18.0, 5000: 170.0}
"""What the project promises for these sizes is 20 s and 180 s."""


def spread(loads: dict[tuple[int, int], int], fleet: Fleet) -> tuple[float, float, int, int]:
    """Fullest day to mean share, fullest day's share, seconds above the hours, seconds on special days."""
    by_day = [number for number, slot in enumerate(fleet.slots) if not slot.night]
    ratios, shares, above = [], [], 0
    for slot in by_day:
        capacity = fleet.slots[slot].capacity_s
        used = {day: loads.get((slot, day), 0) for day in range(len(capacity)) if capacity[day]}
        if not sum(used.values()):
            continue
        mean = sum(used.values()) / sum(capacity[day] for day in used)
        share = {day: seconds / capacity[day] for day, seconds in used.items()}
        ratios.append(max(share.values()) / mean)
        shares.append(max(share.values()))
        above += sum(max(0, seconds - capacity[day]) for day, seconds in used.items())
    special = sum(seconds for (_, day), seconds in loads.items() if fleet.kinds[day] != "ordinary")
    return max(ratios, default=0.0), max(shares, default=0.0), above, special


def levelled(found: Levels, fleet: Fleet) -> dict[tuple[int, int], int]:
    teams = {team.id: number for number, team in enumerate(fleet.teams)}
    return {(2 * teams[load.team] + load.night, load.day): load.load_s for load in found.loads}


def measure(elevators: int, time_limit_s: float, seed: int, use: float) -> None:
    """Level one fleet and print a line for it and one for the yardstick."""
    problem = made_up(elevators, seed, use=use)
    fleet = compile_fleet(problem)
    begun_s = time.perf_counter()
    found = level(problem, Limit(time_limit_s=time_limit_s), seed)
    took_s = time.perf_counter() - begun_s
    verdict = evaluate(problem, found)
    visits = sum(len(chain.visits) for chain in found.chains)
    late = latest_days(fleet)
    rows = [
        ("levelled", visits, len(found.unplaced), *spread(levelled(found, fleet), fleet)),
        ("as late as allowed", sum(map(len, late)), 0, *spread(loads_of(fleet, late), fleet)),
    ]
    gap = 100 * (found.cost.total - found.bound) / found.cost.total
    click.echo(f"\n{elevators} elevators, {problem.days} days, {len(problem.crews)} crews, seed {seed}: {took_s:.1f} s,"
               f" valid {verdict.valid}, at most {gap:.1f} % above the bound")  # fmt: skip
    click.echo("| | visits | without a day | fullest day / mean | fullest day | hours above the crews' | weekend hours |")
    click.echo("|---|---|---|---|---|---|---|")
    for name, count, missing, ratio, peak, above, special in rows:
        told = f"{count} | {missing} | {ratio:.2f} | {peak:.0%} | {above / 3600:.0f} | {special / 3600:.0f}"
        click.echo(f"| {name} | {told} |")


@click.command()
@click.option("--elevators", type=int, multiple=True, default=(500, 5000))
@click.option("--time-limit", type=float, default=None, help="Seconds; what the project promises when not given.")
@click.option("--seed", type=int, default=1)
@click.option("--use", type=float, default=0.6, help="Part of the crews' hours that the work needs.")
def main(elevators: tuple[int, ...], time_limit: float | None, seed: int, use: float) -> None:
    """Print a table per size."""
    click.echo(f"{platform.machine()}, Python {platform.python_version()}")
    for count in elevators:
        measure(count, time_limit or LIMITS_S.get(count, 60.0), seed, use)
    click.echo(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()

"""`liftrounds backtest`: what rule packs come to on the same elevators with the same luck."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import click
import msgspec

from backend.errors import Fault, InvalidInput

if TYPE_CHECKING:
    from planner.backtest.figures import Figures
    from planner.backtest.replay import Crew
    from planner.backtest.run import Study
    from planner.simulate.known_truth import Truth

START = date(2027, 1, 1)
"""First day of a simulation: after the first day of every pack of this version."""

_SHOWN = (
    ("visits", "Visits"),
    ("technician_hours", "Technician hours on site"),
    ("faults", "Faults"),
    ("wear_out_faults", "  of these of wear"),
    ("wear_out_expected", "  of wear, without luck"),
    ("entrapments", "Entrapments"),
    ("overdue_days", "Overdue days"),
)


@click.command()
@click.option("--policy", "policies", multiple=True, metavar="ID", help="A rule pack; give it twice or more.")
@click.option("--elevators", type=click.IntRange(1, 100_000), default=100, show_default=True, help="Simulated ones.")
@click.option("--years", type=click.FloatRange(0.1, 20), default=2.0, show_default=True, help="Of each elevator.")
@click.option("--seed", type=click.IntRange(0), default=1, show_default=True, help="The same seed gives the same answer.")
@click.option(
    "--history", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Replay this history (CSV, see docs/backtest.md) in place of a simulated fleet.",
)  # fmt: skip
@click.option(
    "--late-days", default="0", show_default=True, metavar="LATE",
    help="How late crews come: 0, realistic, or days:chance pairs such as 1:0.05,3:0.01.",
)  # fmt: skip
@click.option("--filed-gap", type=click.IntRange(1, 365), help="Days that a filing names.  [default: the fewest that one may]")
@click.option("--whole-fleet", is_flag=True, help="Also elevators that cannot be maintained on demand.")
@click.option("--set", "changes", multiple=True, metavar="NAME=VALUE", help="Another truth, such as visit.restores=0.6.")
@click.option("--picture", type=click.Path(dir_okay=False, path_type=Path), help="Write a picture (SVG).")
@click.option("--workers", type=click.IntRange(1, 64), help="Processes.  [default: one for each core]")
@click.option("--json", "as_json", is_flag=True, help="End with one JSON object in one line.")
def backtest(
    policies: tuple[str, ...], elevators: int, years: float, seed: int, history: Path | None, late_days: str,
    filed_gap: int | None, whole_fleet: bool, changes: tuple[str, ...], picture: Path | None, workers: int | None,
    as_json: bool,
) -> None:  # fmt: skip
    """Maintain the same elevators with the same luck under several rule packs, and compare what comes of it.

    The elevators are simulated with a known truth (use, wear, faults, what a visit mends, what a monitor hides); the windows
    are those of the product's own rules, which are told only what monitors and visits tell. Visits, hours, faults,
    entrapments and overdue days come with 95 % intervals; limits of the law that were passed are counted by a referee of its
    own. docs/backtest.md says what is assumed, and where it comes from.

    Exit code 1 if a limit of the law was passed although no crew came late.

    \b
    Examples:
      liftrounds backtest --policy cn-fixed-15 --policy cn-on-demand-30
      liftrounds backtest --policy cn-fixed-15 --policy cn-on-demand-filed --elevators 1000 --years 2 --picture figures.svg
      liftrounds backtest --policy cn-fixed-15 --policy cn-on-demand-30 --history history.csv --json
    """
    chosen = _policies(policies)
    _drawable(picture)
    crew = _crew(late_days)
    from planner.backtest.run import Study

    if history is not None:
        found, about, holes = _replayed(history, chosen, _truth(changes), seed, crew, _filed_gap(chosen, filed_gap))
        _tell(found, about, picture, as_json=as_json, holes=holes)
        return
    study = Study(
        policies=chosen, elevators=elevators, years=years, seed=seed, truth=_truth(changes), start=START, crew=crew,
        filed_gap=_filed_gap(chosen, filed_gap), whole_fleet=whole_fleet,
    )  # fmt: skip
    about = f"{elevators} simulated elevators, {years:g} years, seed {seed}"
    found = _run(study, workers or os.cpu_count() or 1, quiet=as_json)
    _tell(found, about, picture, as_json=as_json)
    if not crew.late_days and any(one.past_legal_limit for one in found.policies):
        raise SystemExit(1)


def _policies(given: tuple[str, ...]) -> tuple[str, ...]:
    from planner.intervals.rules import pack_ids

    known = ", ".join(pack_ids())
    if not given:
        raise InvalidInput("no policy", faults=[Fault("--policy", None, f"name a rule pack, twice or more; there are {known}")])
    faults = [
        Fault("--policy", name, f"is no rule pack; there are {known}")
        for name in dict.fromkeys(given)
        if name not in pack_ids()
    ]
    faults += [Fault("--policy", name, "is named twice; name each once") for name in set(given) if given.count(name) > 1]
    if faults:
        raise InvalidInput("policies that cannot be compared", faults=faults)
    return given


def _drawable(picture: Path | None) -> None:
    if picture is None:
        return
    if picture.suffix.lower() != ".svg":
        raise InvalidInput(
            "the picture", faults=[Fault("--picture", str(picture), "is drawn as SVG; let the name end with .svg")]
        )
    if not picture.parent.is_dir():
        raise InvalidInput("the picture", faults=[Fault("--picture", str(picture), f"there is no folder {picture.parent}")])


def _crew(text: str) -> Crew:
    from planner.backtest.replay import Crew

    if text in ("0", ""):
        return Crew()
    if text == "realistic":
        return Crew(late_days=REALISTIC)
    pairs = []
    for part in text.split(","):
        days, _, chance = part.partition(":")
        try:
            pairs.append((int(days), float(chance)))
        except ValueError:
            raise InvalidInput("late days", faults=[_late(text)]) from None
    if any(days < 0 or days > 365 or not 0 <= chance <= 1 for days, chance in pairs) or sum(c for _, c in pairs) > 1:
        raise InvalidInput("late days", faults=[_late(text)])
    return Crew(late_days=tuple(pairs))


REALISTIC = ((1, 0.05), (2, 0.02), (4, 0.01))
"""Chances of coming so many days after the planned day: nine visits in ten come on it. Our own assumption."""


def _late(text: str) -> Fault:
    return Fault("--late-days", text, "use 0, realistic, or days:chance pairs whose chances add up to 1 at most: 1:0.05,3:0.01")


def _truth(changes: tuple[str, ...]) -> Truth:
    from planner.rounds.faults import FaultyInputError
    from planner.simulate.known_truth import usual_truth, with_numbers

    wanted: dict[str, float] = {}
    for change in changes:
        name, _, value = change.partition("=")
        try:
            wanted[name] = float(value)
        except ValueError:
            raise InvalidInput(
                "the truth", faults=[Fault("--set", change, "write NAME=NUMBER, such as visit.restores=0.6")]
            ) from None
    try:
        return with_numbers(usual_truth(), wanted) if wanted else usual_truth()
    except FaultyInputError as error:
        raise InvalidInput(
            "the truth", faults=[Fault(f"--set {fault.path}", None, fault.message) for fault in error.faults]
        ) from None


def _filed_gap(policies: tuple[str, ...], given: int | None) -> int | None:
    from planner.backtest.run import named_gaps
    from planner.intervals.rules import load_pack

    for policy in policies:
        named = named_gaps(load_pack(policy))
        if given is not None and named and given not in named:
            known = ", ".join(str(days) for days in named)
            raise InvalidInput(
                "the filing", faults=[Fault("--filed-gap", str(given), f"{policy} lets a filing name {known} days")]
            )
    return given


def _run(study: Study, workers: int, *, quiet: bool) -> Figures:
    from planner.backtest.run import run

    if quiet:
        return run(study, workers=workers)
    with click.progressbar(length=study.elevators, label="Elevators", file=sys.stderr) as bar:
        return run(study, workers=workers, on_progress=bar.update)


def _replayed(
    file: Path, policies: tuple[str, ...], truth: Truth, seed: int, crew: Crew, gap: int | None
) -> tuple[Figures, str, list[str]]:
    """Return the figures of a history, what it is, and what of it could not be used."""
    from planner.backtest.history import read_history
    from planner.backtest.replay_history import run_history
    from planner.rounds.faults import FaultyInputError

    try:
        known = read_history(file.read_text("utf-8-sig"), file.name)
    except UnicodeDecodeError:
        raise InvalidInput(
            "the history", faults=[Fault("--history", str(file), "is not UTF-8; save it as CSV in UTF-8")]
        ) from None
    except FaultyInputError as error:
        raise InvalidInput(
            "nothing of the history can be used",
            faults=[Fault(fault.path or file.name, None, fault.message) for fault in error.faults],
        ) from None
    found = run_history(known.elevators, policies, truth, seed=seed, crew=crew, wanted_gap=gap)
    about = f"history of {len(known.elevators)} elevators from {file.name}, seed {seed}"
    return found, about, [str(hole) for hole in known.holes]


def _tell(found: Figures, about: str, picture: Path | None, *, as_json: bool, holes: Sequence[str] = ()) -> None:
    from planner.backtest.drawing import draw

    for hole in holes:
        click.echo(f"Hole: {hole}", err=True)

    if picture is not None:
        picture.write_text(draw(found, about), "utf-8")
    if as_json:
        click.echo(msgspec.json.encode(found).decode())
        return
    click.echo(f"{about}\n")
    click.echo(_table(found))
    if picture is not None:
        click.echo(f"\nPicture: {picture}")


def _table(found: Figures) -> str:
    """Return the figures per elevator and year as text, and each policy against the first."""
    from planner.backtest.drawing import percent

    lines = [f"{'per elevator and year':<28}" + "".join(f"{one.id:>32}" for one in found.policies)]
    for name, title in _SHOWN:
        cells = []
        for one in found.policies:
            years = one.elevator_years or 1.0
            least, most = one.intervals[name]
            cells.append(f"{getattr(one, name) / years:.2f} [{least / years:.2f}, {most / years:.2f}]")
        lines.append(f"{title:<28}" + "".join(f"{cell:>32}" for cell in cells))
    lines.append(f"{'Limits of the law passed':<28}" + "".join(f"{one.past_legal_limit:>32}" for one in found.policies))
    for difference in found.differences:
        lines.append(f"\n{difference.id} against {difference.than}:")
        for name, title in _SHOWN:
            if name in difference.change:
                lines.append(f"  {title.strip():<26}{percent(*difference.change[name])}")
    lines.append("\nIntervals: 95 %, over elevators.")
    return "\n".join(lines)

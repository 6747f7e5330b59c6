"""`liftrounds risk score | fit | predict`: the failure-rate model on files of counts."""

from __future__ import annotations

import sys
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
import msgspec

from backend.cli import EXIT_FINDING
from backend.errors import Fault, InvalidInput, Unavailable

if TYPE_CHECKING:
    from planner.risk.files import Source
    from planner.risk.model import RiskModel
    from planner.risk.score import Score, ScoreTable

HORIZONS = (1, 3, 6, 12)
HELD_LEAST, HELD_MOST = 0.76, 0.84
"""What 80 % intervals are to hold of the counts."""

_LONGEST_FORECAST_DAYS = 1_096

_FILE = click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
_COLUMNS = click.option(
    "--column", "columns", multiple=True, metavar="MEANING=HEADER",
    help="A header that is not found by itself, such as faults='Outages'; a meaning of one's own is one more group.",
)  # fmt: skip
_ATTRIBUTES = click.option(
    "--attributes", type=click.Path(path_type=Path), metavar="FILE", help="A row per elevator: make, year, site and so on."
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of text for people.")


@click.group()
def risk() -> None:
    """Say how often elevators fail, and how well that can be said.

    FILE is a CSV (or .csv.gz) with a row per elevator and month, or any other days: elevator, from, to, exposure_days, faults,
    entrapments, and groups such as make, built_on, site, area, use (docs/risk.md). Tables of months as New York's transit
    publishes them, and daily tables of standing still as Deutsche Bahn's, are understood as they come.

    \b
    Examples:
      liftrounds risk score months.csv --cut 2022-07-01 --cut 2023-01-01
      liftrounds risk fit months.csv -o model.json
      liftrounds risk predict months.csv --days 90
    """


@risk.command()
@_FILE
@click.option(
    "--cut", "cuts", multiple=True, metavar="DAY", help="From this day on nothing is known; several are scored apart."
)
@click.option(
    "--horizon-months", "horizons", multiple=True, type=click.IntRange(1, 36), metavar="N",
    help="Months ahead.  [default: 1, 3, 6, 12]",
)  # fmt: skip
@click.option("--new/--no-new", default=True, show_default=True, help="Forecast every elevator as a new one, too.")
@_COLUMNS
@_ATTRIBUTES
@_JSON
def score(
    file: Path, cuts: tuple[str, ...], horizons: tuple[int, ...], new: bool, columns: tuple[str, ...],
    attributes: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Fit on the past of FILE, forecast the months after, and compare with what came.

    Beside the model: the rate of last year, the mean of all, each elevator's own history without groups, the last quarter.
    Exit code 1 where the model is not better than last year's rate and the mean of all, or its 80 % intervals hold less than
    76 % or more than 84 % of the counts, and also so without the grain of whole numbers (randomised).

    \b
    Examples:
      liftrounds risk score months.csv --cut 2022-07-01 --horizon-months 6 --horizon-months 12
      liftrounds risk score days.csv.gz --attributes register.csv --json
    """
    from planner.risk.score import score as score_history

    source = _read(file, columns, attributes)
    found = score_history(source.history, _cuts(cuts, source), horizons or HORIZONS, new=new)
    if not found.scores:
        raise InvalidInput("{file} does not reach far enough beyond the cut to be scored", file=str(file))
    failed = _failed(found.scores)
    if as_json:
        click.echo(msgspec.json.encode({**_about(source), **msgspec.to_builtins(found), "failed": failed}).decode())
    else:
        _print_scores(source, found, failed)
    sys.exit(EXIT_FINDING if failed else 0)


@risk.command()
@_FILE
@click.option("--until", metavar="DAY", help="First day that is not known.  [default: all is known]")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="MODEL.json", help="Where the model goes.")
@_COLUMNS
@_ATTRIBUTES
@_JSON
def fit(
    file: Path, until: str | None, output: Path | None, columns: tuple[str, ...], attributes: Path | None, as_json: bool
) -> None:
    """Estimate the model from FILE and print every parameter.

    \b
    Example:
      liftrounds risk fit months.csv -o model.json
    """
    from planner.risk.fit import fit as fit_history

    source = _read(file, columns, attributes)
    model = fit_history(source.history, None if until is None else _day("--until", until))
    if output is not None:
        try:
            output.write_bytes(msgspec.json.format(msgspec.json.encode(model), indent=1) + b"\n")
        except OSError as error:
            raise Unavailable("{file} cannot be written: {why}", file=str(output), why=error.strerror or str(error)) from None
    click.echo(msgspec.json.encode(model).decode() if as_json else _model_text(model))


@risk.command()
@_FILE
@click.option("--days", type=click.FloatRange(1, _LONGEST_FORECAST_DAYS), default=365.0, show_default=True, help="Days ahead.")
@click.option(
    "--from", "from_", metavar="DAY", help="First day of the forecast.  [default: the day after the file's last month]"
)
@click.option("--elevator", "elevators", multiple=True, metavar="ID", help="Only these.")
@click.option("--zh", is_flag=True, help="Sentences in Chinese.")
@_COLUMNS
@_ATTRIBUTES
@_JSON
def predict(
    file: Path, days: float, from_: str | None, elevators: tuple[str, ...], zh: bool, columns: tuple[str, ...],
    attributes: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Forecast each elevator of FILE for some days, with an interval and the factors; the worst first.

    \b
    Example:
      liftrounds risk predict months.csv --days 90 --elevator EL103
    """
    from planner.risk.fit import fit as fit_history
    from planner.risk.fleet import forecast_fleet

    source = _read(file, columns, attributes)
    model = fit_history(source.history)
    first = date.fromisoformat(model.fitted_on) if from_ is None else _day("--from", from_)
    lines = forecast_fleet(model, source.history, first, days)
    if unknown := sorted(set(elevators) - {line.elevator for line in lines}):
        raise InvalidInput(
            "{file} has no such elevator",
            file=str(file),
            faults=[Fault("--elevator", each, "use one of the file") for each in unknown],
        )
    lines = [line for line in lines if not elevators or line.elevator in elevators]
    if as_json:
        about = {"from": first.isoformat(), "days": days, "thin": model.thin}
        click.echo(msgspec.json.encode({**_about(source), **about, "forecasts": lines}).decode())
        return
    if model.thin:
        click.echo("Too few faults were seen: these are the rates that are expected of any elevator.")
    for line in lines:
        words = [line.faults_words, *([line.entrapments_words] if line.entrapments_words else []), line.because]
        click.echo(f"{line.elevator}: " + "; ".join(each.zh if zh else each.en for each in words))


def _read(file: Path, columns: tuple[str, ...], attributes: Path | None) -> Source:
    from planner.risk.files import read_counts
    from planner.risk.history import HistoryError

    told = {}
    for each in columns:
        meaning, sign, header = each.partition("=")
        if not (sign and meaning.strip() and header.strip()):
            raise InvalidInput("a column is told as MEANING=HEADER", faults=[Fault("--column", each, "use faults='Outages'")])
        told[meaning.strip()] = header.strip()
    try:
        return read_counts(file, told, attributes)
    except HistoryError as error:
        raise InvalidInput(
            "{file} cannot be used", file=str(file), faults=[Fault(path, None, what) for path, what in error.faults]
        ) from None
    except UnicodeDecodeError:
        raise InvalidInput("{file} is no UTF-8 text: save it as CSV UTF-8", file=str(file)) from None
    except (OSError, EOFError) as error:
        raise InvalidInput("{file} cannot be read: {why}", file=str(file), why=str(error)) from None


def _cuts(cuts: tuple[str, ...], source: Source) -> list[date]:
    """Return the cuts; without any, after a half, two thirds and five sixths of the months."""
    months = source.history.months
    if not cuts:
        return sorted({months[max(1, len(months) * part // 6)] for part in (3, 4, 5) if len(months) > 1})
    days = [_day("--cut", each) for each in cuts]
    if faults := [
        Fault("--cut", each.isoformat(), "use a day between them")
        for each in days
        if not months[0] < each.replace(day=1) <= months[-1]
    ]:
        raise InvalidInput(
            "a cut lies after the first month, {first}, and not after the last, {last}",
            first=months[0].isoformat(), last=months[-1].isoformat(), faults=faults,
        )  # fmt: skip
    return days


def _day(option: str, text: str) -> date:
    try:
        return datetime.fromisoformat(text).date()
    except ValueError:
        raise InvalidInput("a day is written as 2026-11-01", faults=[Fault(option, text, "use 2026-11-01")]) from None


def _failed(scores: list[Score]) -> list[str]:
    """Return what the model did not reach, a line each."""
    by = {(each.outcome, each.cut, each.months, each.method): each for each in scores}
    lines = []
    for each in scores:
        if each.method != "model":
            continue
        at = f"{each.outcome}, {each.months} months from {each.cut}"
        lines += [
            f"{at}: log score not above {rival}"
            for rival in ("last_year", "pooled")
            if each.log_score <= by[each.outcome, each.cut, each.months, rival].log_score
        ]
        if not (HELD_LEAST <= each.held <= HELD_MOST or HELD_LEAST <= each.held_randomised <= HELD_MOST):
            lines.append(f"{at}: the 80 % intervals hold {each.held:.1%} ({each.held_randomised:.1%} randomised)")
    return lines


def _about(source: Source) -> dict[str, Any]:
    history = source.history
    return {
        "rows": source.rows, "holes": source.holes, "elevators": len(history.elevators), "months": len(history.months),
        "columns": source.columns, "groups": {factor.name: len(factor.levels) for factor in history.factors},
    }  # fmt: skip


def _print_scores(source: Source, found: ScoreTable, failed: list[str]) -> None:
    about = _about(source)
    groups = ", ".join(f"{name} ({levels})" for name, levels in about["groups"].items())
    click.echo(
        f"{about['rows']} rows, {about['holes']} of them holes: {about['elevators']} elevators, {about['months']} months; "
        f"groups: {groups or 'none'}"
    )
    for title, scores in (("", found.scores), ("Elevators without a history of their own:", found.new_elevators)):
        if scores:
            click.echo(f"\n{title}\n{_HEADER}" if title else f"\n{_HEADER}")
        for each in scores:
            worst = "" if each.worst_fifth is None else f"{each.worst_fifth:.1%}"
            click.echo(
                f"{each.outcome:<12}{each.cut!s:<12}{each.months:>6}  {each.method:<18}{each.elevators:>6}{each.count:>8.0f}"
                f"{each.expected:>10.1f}{each.log_score:>10.4f}{each.held:>8.1%}{each.held_randomised:>12.1%}{worst:>9}"
            )
    click.echo("\n" + ("\n".join(failed) if failed else "Better than last year's rate and the mean of all; intervals hold."))


_HEADER = (
    f"{'outcome':<12}{'cut':<12}{'months':>6}  {'method':<18}{'lifts':>6}{'came':>8}{'expected':>10}{'log score':>10}"
    f"{'held':>8}{'randomised':>12}{'worst ⅕':>9}"
)


def _model_text(model: RiskModel) -> str:
    lines = [
        f"Fitted on {model.elevators} elevators, {model.months} months, {model.exposure_days / 365.25:.1f} elevator-years "
        f"before {model.fitted_on}"
    ]
    if model.thin:
        lines.append("Too few faults were seen: the prior's rates count.")
    for each in (model.faults, model.entrapments):
        if each is None:
            continue
        lines.append(f"\n{each.outcome}: {365.25 * 2.718281828**each.groups.log_mean:.3f} a year on average")
        lines += [f"  {name} = {value:g}" for name, value in msgspec.to_builtins(each.memory).items()]
        for name, effects in sorted(each.groups.effects.items()):
            lines.append(f"  {name}: spread {each.groups.spreads[name]:g}")
            ordered = sorted(effects.items(), key=lambda one: -one[1])
            if len(ordered) > _LEVELS_SHOWN:
                ordered = [*ordered[: _LEVELS_SHOWN // 2], *ordered[-_LEVELS_SHOWN // 2 :]]
            lines += [f"    {level}: ×{2.718281828**effect:.3f}" for level, effect in ordered]
        lines.append("  season: " + " ".join(f"{2.718281828**effect:.2f}" for effect in each.groups.season))
    return "\n".join(lines)


_LEVELS_SHOWN = 12

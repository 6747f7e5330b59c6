"""`liftrounds import` and `liftrounds export`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from backend.cli import EXIT_FINDING, EXIT_WRONG_USE, run_with_database
from backend.errors import InvalidInput
from backend.registry.report import Counts, ImportReport, bad_rows_file, in_english, note_text, outcome
from backend.scope import SYSTEM

SHOWN_ROWS = 20
"""Lines of a table in the terminal; the spreadsheet has all of them."""

_WIDTH_OF_FILES = 160


@click.group(name="import")
def import_() -> None:
    """Read a register from CSV or XLSX."""


@import_.command(name="elevators")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", metavar="NAME|FILE", help="Built-in mapping, or a mapping file, for a foreign register.")
@click.option("--firm", "firm_name", metavar="NAME", help="Maintenance firm to write into; made if missing.")
@click.option("--encoding", help="Of a CSV that is neither UTF-8 nor GB 18030.")
@click.option(
    "--datum", type=click.Choice(["wgs84", "gcj02", "bd09"]),
    help="System of the positions: gcj02 is Amap's and Tencent's, bd09 Baidu's.  [default: the mapping's, else wgs84]",
)  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Check everything, write nothing.")
@click.option("--skip-bad", is_flag=True, help="Write the good rows although there are bad ones.")
@click.option(
    "--report", "report_path", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Where bad rows are written, .xlsx or .csv.  [default: FILE-bad-rows.xlsx beside the file]",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print the report as JSON.")
def import_elevators(
    file: Path, mapping: str | None, firm_name: str | None, encoding: str | None, datum: str | None, dry_run: bool,
    skip_bad: bool, report_path: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Read elevators with their owners, sites and contracts.

    Elevators are known by firm and registration code: importing a file twice changes nothing the second time. An empty cell
    keeps what is stored, a dash (-) empties it. Every bad row is listed and written into a spreadsheet that can be mended and
    imported again; one bad row means that nothing is written, unless --skip-bad says so.

    The firm is --firm; else what the column 维保单位 (firm) says; else the only firm there is.

    \b
    Examples:
      liftrounds import elevators register.xlsx --dry-run
      liftrounds import elevators amap.xlsx --datum gcj02
      liftrounds import elevators nyc_midtown_passenger.csv --mapping nyc-dob-2015 --firm "Midtown Lifts"

    Exit codes: 0 done, 1 done but some rows were skipped (or a dry run found bad rows), 2 nothing written.
    """
    from backend.registry import importer
    from planner.travel.coordinates import Datum

    if report_path is not None and report_path.suffix.lower() not in (".xlsx", ".csv"):
        raise click.BadParameter("the name ends in .xlsx or .csv", param_hint="--report")
    data = file.read_bytes()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=as_json or not console.is_terminal) as progress:
        bar = progress.add_task("reading")

        def tell(doing: str, done: int, of: int) -> None:
            progress.update(bar, description=doing, completed=done, total=of or None)

        async def work() -> ImportReport:
            return await importer.import_elevators(
                SYSTEM, data, file.name, mapping=_mapping(mapping), firm_name=firm_name, encoding=encoding,
                datum=Datum(datum) if datum else None, dry_run=dry_run, skip_bad=skip_bad, progress=tell,
            )  # fmt: skip

        report = run_with_database(work)
    written = _write_bad_rows(report, file, report_path)
    if as_json:
        told = msgspec.to_builtins(outcome(report)) | {"report": None if written is None else str(written)}
        click.echo(msgspec.json.encode(told).decode())
    else:
        _print(report, written)
    if report.bad:
        sys.exit(EXIT_FINDING if report.written or dry_run else EXIT_WRONG_USE)


def _mapping(given: str | None) -> str | bytes | None:
    if given is None:
        return None
    path = Path(given)
    if path.suffix or path.exists():
        if not path.is_file():
            raise InvalidInput("there is no mapping file {file}", file=given)
        return path.read_bytes()
    return given


def _write_bad_rows(report: ImportReport, file: Path, wanted: Path | None) -> Path | None:
    """Write the bad rows as a spreadsheet; return where, None where there are none or no folder takes them."""
    if not report.bad:
        return None
    name = f"{file.stem}-bad-rows.xlsx"
    for path in (wanted,) if wanted else (file.with_name(name), Path.cwd() / name):
        try:
            path.write_bytes(bad_rows_file(report, path.suffix.lower().lstrip(".")))
        except OSError as error:
            click.echo(f"The bad rows cannot be written to {path}: {error.strerror}", err=True)
        else:
            return path
    return None


def _print(report: ImportReport, written: Path | None) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=_WIDTH_OF_FILES)
    if report.bad:
        _print_bad(console, report)
    if report.notes:
        _print_notes(console, report)
    title = f"{report.filename}: {report.rows} rows" + ("" if report.written else "; it would be:")
    table = Table(title=title, title_justify="left")
    for heading in ("", "new", "changed", "unchanged"):
        table.add_column(heading, justify="right" if heading else "left")
    for name in ("elevators", "sites", "owners", "contracts"):
        counts: Counts = getattr(report, name)
        table.add_row(name, str(counts.created), str(counts.updated), str(counts.unchanged))
    console.print(table)
    for name in report.firms_made:
        console.print(f"The firm {name} {'is' if report.written else 'would be'} new.", markup=False)
    bad = len(report.bad_rows)
    if report.refused:
        console.print(f"Nothing is written: {bad} bad rows. Mend them, or leave them out with --skip-bad.", style="red")
    elif report.dry_run:
        console.print(f"A dry run: nothing is written. {report.rows - bad} rows are good, {bad} are bad.")
    elif bad:
        console.print(f"{bad} bad rows were left out.", style="yellow")
    if written is not None:
        console.print(f"The bad rows are in {written}: mend them there and import that file.", markup=False, soft_wrap=True)


def _print_bad(console: Console, report: ImportReport) -> None:
    table = Table(title="Bad rows", title_justify="left")
    for heading in ("row", "column", "value", "what is wrong"):
        table.add_column(heading, justify="right" if heading == "row" else "left", overflow="fold")
    for bad in report.bad[:SHOWN_ROWS]:
        table.add_row(*_plain(str(bad.row), bad.column, "" if bad.value is None else bad.value, bad.reason))
    console.print(table)
    if len(report.bad) > SHOWN_ROWS:
        console.print(f"… and {len(report.bad) - SHOWN_ROWS} more faults; the spreadsheet has them all.")


def _print_notes(console: Console, report: ImportReport) -> None:
    table = Table(title="To look at", title_justify="left")
    for heading in ("column", "rows", "note"):
        table.add_column(heading, overflow="fold")
    for note in report.notes[:SHOWN_ROWS]:
        rows = f"{note.count}: {', '.join(map(str, note.rows[:3]))}{' …' if note.count > 3 else ''}" if note.count else ""
        table.add_row(*_plain(note.column, rows, note_text(note, in_english)))
    console.print(table)
    if len(report.notes) > SHOWN_ROWS:
        console.print(f"… and {len(report.notes) - SHOWN_ROWS} more notes; --json lists them all.")


def _plain(*texts: str) -> list[Any]:
    """Return texts in which brackets are no mark-up."""
    from rich.text import Text

    return [Text(text) for text in texts]


@click.group()
def export() -> None:
    """Write the register as CSV or XLSX."""


_OUT = click.option(
    "-o", "--output", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
    help="Name that ends in .csv or .xlsx.  [default: CSV to the terminal]",
)  # fmt: skip
_HEADERS = click.option("--headers", type=click.Choice(["en", "zh"]), default="en", show_default=True, help="Language.")


@export.command(name="elevators")
@_OUT
@click.option("--firm", "firm_name", metavar="NAME", help="Only this firm's.")
@_HEADERS
def export_elevators(output: Path | None, firm_name: str | None, headers: str) -> None:
    """Write all elevators so that `liftrounds import elevators` takes them.

    \b
    Example:
      liftrounds export elevators -o register.xlsx
    """
    from backend.registry import exporter

    kind = _kind(output)

    async def work() -> bytes:
        return await exporter.export_elevators(SYSTEM, kind, firm_name=firm_name, language=headers)

    _put(run_with_database(work), output)


@export.command(name="template")
@_OUT
@_HEADERS
def export_template(output: Path | None, headers: str) -> None:
    """Write a file with every column that the import knows, and one line of examples.

    \b
    Example:
      liftrounds export template -o template.xlsx --headers zh
    """
    from backend.registry import exporter

    _put(exporter.template(_kind(output), language=headers), output)


def _kind(output: Path | None) -> str:
    kind = "csv" if output is None else output.suffix.lower().lstrip(".")
    if kind not in ("csv", "xlsx"):
        raise click.BadParameter("the name ends in .csv or .xlsx", param_hint="--output")
    return kind


def _put(content: bytes, output: Path | None) -> None:
    if output is None:
        sys.stdout.buffer.write(content)
        return
    try:
        output.write_bytes(content)
    except OSError as error:
        raise click.BadParameter(f"{output} cannot be written: {error.strerror}", param_hint="--output") from error

"""Bringing in the register from a spreadsheet, and taking it out again.

A file is looked at before anything is written. Between the look and the writing the file travels inside the page, packed:
no host keeps it, and any host can go on.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any
from urllib.parse import quote

from litestar import Request, Response, get, post

from backend.errors import Conflict, Fault, InvalidInput, LiftroundsError, NotFound
from backend.registry.columns import columns
from backend.registry.exporter import export_elevators, template
from backend.registry.importer import import_elevators, mapping_names
from backend.registry.report import ImportReport, bad_rows_file, note_text
from backend.scope import Scope
from mobile_api.i18n import language, translated
from mobile_api.inputs import Asker, FromQuery
from mobile_api.pages.forms import form_of, uploaded
from mobile_api.pages.office.base import choose_first, office_page
from mobile_api.pages.render import redirect
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.travel.coordinates import Datum

LARGEST_FILE_BYTES = 24 * 1024 * 1024
"""What fits into a request again, packed."""

SHOWN_FAULTS = 200
KINDS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
OWN_MAPPING = "own"


@get("/office/import", roles=OFFICE_READERS, include_in_schema=False)
async def import_page(asker: Asker) -> Response[Any]:
    """Show the form, the columns that are known, and the ways out."""
    return await _start(asker)


async def _start(asker: Scope, form: dict[str, str] | None = None, error: LiftroundsError | None = None) -> Response[Any]:
    return await office_page(asker, "office/import.html", mappings=mapping_names(), columns=columns(), form=form, error=error)


@post("/office/import", roles=OFFICE, include_in_schema=False, status_code=200)
async def look(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Look at a file without writing anything, then, on the next press, write it."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    writes = form.get("do") in ("write", "skip")
    try:
        data, name = await _file(request, form)
        mapping = await _mapping(request, form)
        report = await import_elevators(
            asker, data, name, mapping=mapping, datum=_datum(form), dry_run=not writes, skip_bad=form.get("do") == "skip"
        )
    except (InvalidInput, Conflict, NotFound) as error:
        return await _start(asker, form, error)
    if report.written:
        return redirect("/office/elevators", message=_written(report))
    packed = {
        "packed": _pack(data),
        "filename": name,
        "mapping": form.get("mapping", ""),
        "datum": form.get("datum", ""),
        "packed_mapping": _packed_text(mapping),
    }
    return await office_page(
        asker, "office/import_look.html", report=report, faults=told_faults(report), notes=_told_notes(report), packed=packed
    )


def _written(report: ImportReport) -> str:
    changed = report.elevators
    counts: dict[str, object] = {"created": changed.created, "updated": changed.updated, "unchanged": changed.unchanged}
    sentence = translated("{created} elevators are new, {updated} changed, {unchanged} were the same", counts)
    if report.bad_rows:
        sentence += "; " + translated("{bad} rows were left out", {"bad": len(report.bad_rows)})
    return sentence


def told_faults(report: ImportReport) -> list[tuple[int, str, str | None, str]]:
    """Return the first faults: row, column, value and reason, in the language of the request."""
    return [(one.row, one.column, one.value, translated(one.template, one.params)) for one in report.bad[:SHOWN_FAULTS]]


def _told_notes(report: ImportReport) -> list[tuple[str, str, int]]:
    return [(one.column, note_text(one, translated), one.count) for one in report.notes]


async def _file(request: Request[Any, Any, Any], form: dict[str, str]) -> tuple[bytes, str]:
    """Return the file of the form, or the one that travels in the page."""
    sent = await uploaded(request, "file")
    if sent is not None:
        return await sent.read(), sent.filename
    if form.get("packed"):
        return _unpack(form["packed"]), form.get("filename", "")
    raise InvalidInput("choose a file first", faults=[Fault("file", None, "choose a CSV or XLSX file")])


async def _mapping(request: Request[Any, Any, Any], form: dict[str, str]) -> str | bytes | None:
    """Return the mapping of a foreign register: a built-in one's name, or the content of one's own."""
    chosen = form.get("mapping", "")
    if chosen != OWN_MAPPING:
        return chosen or None
    sent = await uploaded(request, "mapping_file")
    if sent is not None:
        return await sent.read()
    if form.get("packed_mapping"):
        return _unpack(form["packed_mapping"])
    raise InvalidInput("choose a file first", faults=[Fault("mapping_file", None, "choose the mapping file (TOML)")])


def _datum(form: dict[str, str]) -> Datum | None:
    """Return the system of the positions; None where the form leaves it to the mapping."""
    chosen = form.get("datum", "")
    if not chosen:
        return None
    try:
        return Datum(chosen)
    except ValueError:
        fault = Fault("datum", chosen[:60], "choose one of the list")
        raise InvalidInput("this form cannot be used", faults=[fault]) from None


def _pack(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data)).decode()


def _packed_text(mapping: str | bytes | None) -> str:
    return _pack(mapping) if isinstance(mapping, bytes) else ""


def _unpack(text: str) -> bytes:
    """Return what was packed into the page; whoever changed it there is refused, and nothing grows without end."""
    try:
        unpacker = zlib.decompressobj()
        data = unpacker.decompress(base64.b64decode(text, validate=True), LARGEST_FILE_BYTES)
    except (ValueError, zlib.error) as error:
        raise InvalidInput("choose the file again", faults=[Fault("file", None, "it did not survive the page")]) from error
    if unpacker.unconsumed_tail:
        raise InvalidInput("this file is too large", faults=[Fault("file", None, "split it, or use the command line")])
    return data


@post("/office/import/bad-rows", roles=OFFICE, include_in_schema=False, status_code=200)
async def bad_rows(request: Request[Any, Any, Any], asker: Asker) -> Response[Any]:
    """Return the bad rows of a file as a spreadsheet of their own, each with its reason."""
    if asker.firm is None:
        return choose_first()
    form = await form_of(request)
    kind = "xlsx" if form.get("kind") == "xlsx" else "csv"
    try:
        data, name = await _file(request, form)
        report = await import_elevators(
            asker, data, name, mapping=await _mapping(request, form), datum=_datum(form), dry_run=True
        )
    except (InvalidInput, Conflict, NotFound) as error:
        return await _start(asker, form, error)
    return _download(bad_rows_file(report, kind, translated, language=language.get()), kind, f"bad-rows.{kind}")


@get("/office/import/template", roles=OFFICE_READERS, include_in_schema=False)
async def template_file(kind: FromQuery[str] = "xlsx") -> Response[bytes]:
    """Return a spreadsheet with every column that is known and a line of examples."""
    kind = kind if kind in KINDS else "xlsx"
    return _download(template(kind, language=language.get()), kind, f"elevators-template.{kind}")


@get("/office/export", roles=OFFICE_READERS, include_in_schema=False)
async def export(asker: Asker, kind: FromQuery[str] = "xlsx") -> Response[bytes]:
    """Return all elevators as the import takes them."""
    kind = kind if kind in KINDS else "xlsx"
    return _download(await export_elevators(asker, kind, language=language.get()), kind, f"elevators.{kind}")


def _download(content: bytes, kind: str, name: str) -> Response[bytes]:
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}
    return Response(content, media_type=KINDS[kind], headers=headers)


HANDLERS: list[Any] = [import_page, look, bad_rows, template_file, export]

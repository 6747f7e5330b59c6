"""Import and export of the register of elevators."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.openapi import ResponseSpec
from litestar.params import QueryParameter
from msgspec import Struct

from backend.errors import Fault, InvalidInput
from backend.registry import exporter, importer
from backend.registry.report import ImportReport, Outcome, bad_rows_file, outcome
from mobile_api.errors import PROBLEM_MEDIA_TYPE
from mobile_api.i18n import language, translated
from mobile_api.inputs import Asker, FromQuery, MultipartBody
from mobile_api.security import OFFICE, OFFICE_READERS
from planner.travel.coordinates import Datum

Kind = Annotated[Literal["csv", "xlsx"], QueryParameter(name="format")]
Headers = Annotated[
    Literal["en", "zh"] | None, QueryParameter(name="headers", description="Language of the header; else that of the request.")
]
Answer = Annotated[
    Literal["json", "csv", "xlsx"],
    QueryParameter(name="answer", description="`csv` and `xlsx` answer with the bad rows, to be mended and imported again."),
]
MEDIA_TYPES = {
    "csv": "text/csv",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


class ImportForm(Struct, frozen=True, kw_only=True):
    """A register and how to read it."""

    file: UploadFile
    mapping: str = ""
    """Name of a built-in mapping."""

    mapping_file: UploadFile | None = None
    """Or a mapping file of your own (TOML)."""

    firm: str = ""
    """Name of the firm to write into, for those who see every firm; made if missing."""

    encoding: str = ""
    datum: Literal["", "wgs84", "gcj02", "bd09"] = ""
    """System of the positions: `gcj02` is Amap's and Tencent's, `bd09` Baidu's; empty for the mapping's, else `wgs84`."""

    dry_run: bool = False
    skip_bad: bool = False


class MappingNames(Struct, frozen=True, kw_only=True):
    """The built-in mappings."""

    names: list[str]


@post(
    "/api/v1/imports/elevators",
    roles=OFFICE,
    status_code=200,
    responses={200: ResponseSpec(data_container=Outcome, description="What was written, or would be.")},
)
async def import_elevators(
    asker: Asker, data: MultipartBody[ImportForm], answer: Answer = "json"
) -> Response[Outcome] | Response[bytes] | Response[dict[str, Any]]:
    """Import elevators from CSV or XLSX, all or nothing; `dry_run` only checks, `skip_bad` writes the good rows.

    Bad rows that stop the import are answered with 400 and the same report beside the fields of a problem.
    """
    report = await importer.import_elevators(
        asker,
        await data.file.read(),
        data.file.filename,
        mapping=await _mapping(data),
        firm_name=data.firm or None,
        encoding=data.encoding or None,
        datum=Datum(data.datum) if data.datum else None,
        dry_run=data.dry_run,
        skip_bad=data.skip_bad,
    )
    if answer != "json":
        content = bad_rows_file(report, answer, translated, language=language.get())
        return download(content, "bad-rows", answer, status_code=400 if report.refused else 200)
    told = outcome(report, translated)
    return _problem(report, told) if report.refused else Response(told)


async def _mapping(form: ImportForm) -> str | bytes | None:
    if form.mapping_file is not None and form.mapping_file.filename:
        if form.mapping:
            fault = Fault("mapping", form.mapping[:60], "name a mapping or send a mapping file, not both")
            raise InvalidInput("the import has two mappings", faults=[fault])
        return await form.mapping_file.read()
    return form.mapping or None


def _problem(report: ImportReport, told: Outcome) -> Response[dict[str, Any]]:
    """Answer that nothing was written: problem details with the report as further members."""
    detail = translated("{rows} rows have faults: nothing was written", {"rows": len(report.bad_rows)})
    body: dict[str, Any] = {
        "type": "about:blank#invalid_input", "title": "Bad Request", "status": 400, "code": "invalid_input",
        "detail": detail, "instance": "/api/v1/imports/elevators",
        "faults": [
            {"path": _path(bad.row, bad.column), "value": bad.value, "reason": bad.reason} for bad in told.bad
        ],
    }  # fmt: skip
    return Response(body | msgspec.to_builtins(told), status_code=400, media_type=PROBLEM_MEDIA_TYPE)


def _path(row: int, column: str) -> str:
    return f"row {row}: {column}" if column else f"row {row}"


@get("/api/v1/imports/elevators/template", roles=OFFICE_READERS)
async def template(kind: Kind = "xlsx", head: Headers = None) -> Response[bytes]:
    """Download a file with every column that the import knows, and one line of examples."""
    return download(exporter.template(kind, language=head or language.get()), "elevators-template", kind)


@get("/api/v1/imports/mappings", roles=OFFICE_READERS)
async def mappings() -> MappingNames:
    """List the built-in mappings of foreign registers."""
    return MappingNames(names=list(importer.mapping_names()))


@get("/api/v1/exports/elevators", roles=OFFICE_READERS)
async def export_elevators(
    asker: Asker, kind: Kind = "csv", head: Headers = None, firm: FromQuery[str | None] = None
) -> Response[bytes]:
    """Download all elevators as the import takes them."""
    content = await exporter.export_elevators(asker, kind, firm_name=firm, language=head or language.get())
    return download(content, "elevators", kind)


def download(content: bytes, name: str, kind: str, *, status_code: int = 200) -> Response[bytes]:
    """Answer with a file to be saved."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.{kind}"', "Cache-Control": "no-store"}
    return Response(content, media_type=MEDIA_TYPES[kind], headers=headers, status_code=status_code)


HANDLERS: list[Any] = [import_elevators, template, mappings, export_elevators]

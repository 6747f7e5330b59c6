"""Reads a register of elevators from a file into the database, all or nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID, uuid4

from msgspec import Struct

from backend import clock, database
from backend.errors import Fault, InvalidInput
from backend.jobs.service import enqueue
from backend.people.service import audit
from backend.registry import bulk_queries, mapping, number_queries, owner_numbers, queries, records, rows, rules, sheet
from backend.registry.datum import NAMES, in_wgs84
from backend.registry.mapping import FirmDefaults, Mapping
from backend.registry.merge import (
    CONTRACT_FIELDS,
    ELEVATOR_FIELDS,
    OWNER_FIELDS,
    SITE_FIELDS,
    Merge,
    Stored,
    Thing,
    counts,
    hours_of,
)
from backend.registry.report import BadCell, Counts, ImportReport, Notes, SourceRow
from backend.registry.rows import Draft, Layout
from backend.registry.sheet import Sheet
from backend.registry.values import Cell, Unreadable, text_of
from backend.scope import Scope
from backend.upkeep import service as upkeep
from backend.upkeep.views import ToldVisit
from planner.travel.coordinates import Datum

Progress: TypeAlias = Callable[[str, int, int], None]
"""Called with what is being done (`reading`, `comparing`, `writing`), how many rows are done, and of how many."""

DEFAULT_FIRM = "Maintenance firm 维保单位"
"""Name of the firm that is made where there is none and none is named; change it in the register."""

WINDOWS_PER_JOB = 1_000
_STEP_ROWS = 500
_CLASS_RANKS = ("half_month", "quarter", "half_year", "year")


class _Read(Struct, frozen=True, kw_only=True):
    """A file after reading: rows that could be read, and what is wrong with the others."""

    sheet: Sheet
    layout: Layout
    drafts: list[Draft]
    bad: list[BadCell]
    notes: Notes
    firm_defaults: FirmDefaults


async def import_elevators(
    scope: Scope,
    data: bytes,
    filename: str,
    *,
    mapping: str | bytes | None = None,
    firm_name: str | None = None,
    encoding: str | None = None,
    datum: Datum | None = None,
    dry_run: bool = False,
    skip_bad: bool = False,
    progress: Progress | None = None,
) -> ImportReport:
    """Read elevators with their owners, sites and contracts; upsert by firm and registration code.

    Parameters
    ----------
    scope
        A manager writes into their own firm; somebody without a firm into those the file or `firm_name` names.
    data, filename
        CSV (UTF-8, GB 18030; comma, semicolon, tab) or XLSX; the kind is told from the content, the name is for messages.
    mapping
        Name of a built-in mapping, or the content of a mapping file (TOML, see docs/import.md).
    firm_name
        Firm to write into, for somebody without one; made if missing.
    encoding
        Of a CSV that is neither UTF-8 nor GB 18030.
    datum
        System of the file's positions; None for what the mapping says, else WGS-84. They are kept as WGS-84.
    dry_run
        Check everything, write nothing.
    skip_bad
        Write the good rows although there are bad ones.
    progress
        Told how far it is; called from another thread.

    Raises
    ------
    InvalidInput
        If the file as a whole cannot be used: no table, no needed column, too large. Bad rows are in the report instead.
    """
    read = await asyncio.to_thread(_read, data, mapping, encoding, progress or _silent, datum)
    with queries.refusals():
        async with database.tx(scope):
            return await _Import(scope, read, filename, firm_name, dry_run, skip_bad, progress or _silent).run()


def mapping_names() -> tuple[str, ...]:
    """Return the names of the built-in mappings."""
    return mapping.names()


def _silent(_doing: str, _done: int, _of: int) -> None:
    pass


def _read(
    data: bytes, given: str | bytes | None, encoding: str | None, progress: Progress, datum: Datum | None = None
) -> _Read:
    how = _mapping(given)
    progress("reading", 0, 0)
    table = sheet.read(
        data,
        rows.recogniser(how),
        encoding=encoding or (how.encoding if how else None),
        delimiter=how.delimiter if how else None,
    )
    notes = Notes()
    if how is None and (fitting := mapping.fitting(table.header)) is not None:
        how = mapping.built_in(fitting)
        notes.add("", "the file has all columns of the mapping {name} and is read with it", name=fitting)
    for name in table.unread:
        notes.add("", "the sheet {name} was not read: one sheet is imported at a time", name=name)
    plan = rows.layout(table, how, notes)
    drafts: list[Draft] = []
    bad: list[BadCell] = []
    datum = datum or (how.datum if how else Datum.WGS84)
    if datum is not Datum.WGS84:
        notes.add("", "positions are read as {datum} and kept as WGS-84", datum=NAMES[datum])
    for done, found in enumerate(rows.read_rows(table, plan, notes), 1):
        if isinstance(found, Draft):
            placed = in_wgs84(found, datum)
            if isinstance(placed, Draft):
                drafts.append(placed)
            else:
                bad.append(placed)
        else:
            bad += found
        if done % _STEP_ROWS == 0:
            progress("reading", done, len(table.rows))
    progress("reading", len(table.rows), len(table.rows))
    defaults = how.firm if how else FirmDefaults()
    return _Read(sheet=table, layout=plan, drafts=drafts, bad=bad, notes=notes, firm_defaults=defaults)


def _mapping(given: str | bytes | None) -> Mapping | None:
    if given is None:
        return None
    return mapping.built_in(given) if isinstance(given, str) else mapping.parse(given)


class _Import:
    """One import inside a transaction."""

    def __init__(
        self, scope: Scope, read: _Read, filename: str, firm_name: str | None, dry_run: bool, skip_bad: bool, progress: Progress
    ) -> None:
        self.scope, self.read, self.filename, self.progress = scope, read, filename, progress
        self.firm_name = rules.tidy_text(firm_name or "") or None
        self.dry_run, self.skip_bad = dry_run, skip_bad
        self.bad = list(read.bad)
        self.firms_made: list[str] = []
        self.zones: dict[UUID, str] = {}

    async def run(self) -> ImportReport:
        await bulk_queries.take_import_lock()
        firms = await self._firms()
        merges: dict[str, Merge] = {}
        done = 0
        for name, drafts in firms.items():
            merge = merges[name] = await self._merge(name, drafts)
            done += len(drafts)
            self.bad += await asyncio.to_thread(self._take, merge, drafts)
            self.progress("comparing", done, len(self.read.drafts))
        self._refuse_if_no_place_is_told(merges)
        write = not self.dry_run and bool(self.read.drafts) and (self.skip_bad or not self.bad)
        if write:
            for name, merge in merges.items():
                await self._write(name, merge)
        return self._report(merges, written=write)

    async def _firms(self) -> dict[str, list[Draft]]:
        """Return firm name → the rows that go into it; firms that do not exist are made when it is written."""
        known = await bulk_queries.firms()
        self.ids = {name: firm for firm, name, _zone in known}
        self.zones = {firm: zone for firm, _name, zone in known}
        if self.scope.firm is not None:
            own = next(name for firm, name, _zone in known if firm == self.scope.firm)
            self._note_other_firms(own)
            return {own: self.read.drafts}
        if self.firm_name is not None:
            self._note_other_firms(self.firm_name)
            return {self.firm_name: self.read.drafts}
        found: dict[str, list[Draft]] = {}
        rest: str | None = None
        for draft in self.read.drafts:
            name = draft.values.get("firm")
            if not isinstance(name, str):
                rest = name = rest or self._only_firm(list(self.ids))
            found.setdefault(name, []).append(draft)
        return found or {self._only_firm(list(self.ids)): []}

    def _only_firm(self, names: Sequence[str]) -> str:
        if len(names) > 1:
            shown = ", ".join(sorted(names)[:20])
            fault = Fault.of("firm", None, "name the firm to write into; there are {names}", names=shown)
            raise InvalidInput("the file does not say which firm maintains the elevators", faults=[fault])
        return names[0] if names else DEFAULT_FIRM

    def _note_other_firms(self, own: str) -> None:
        for draft in self.read.drafts:
            name = draft.values.get("firm")
            if isinstance(name, str) and name != own:
                header = self.read.layout.header_of["firm"]
                self.read.notes.add(header, "the row names another firm; it is written into {firm}", draft.row, firm=own)

    async def _merge(self, name: str, drafts: Sequence[Draft]) -> Merge:
        firm = self.ids.get(name)
        if firm is None:
            records.refuse_texts({"name": name})
            firm = self.ids[name] = uuid4()
            self.firms_made.append(name)
            stored = Stored(owners=[], sites=[], contracts=[], elevators=[], told={}, last={})
            zone = self.read.firm_defaults.time_zone
        else:
            stored = await _stored(firm, sorted({draft.values["registration_code"] for draft in drafts}))
            zone = self.zones[firm]
        return Merge(firm, stored, clock.today(zone), self.read.layout.header_of, self.read.notes)

    def _take(self, merge: Merge, drafts: Sequence[Draft]) -> list[BadCell]:
        bad: list[BadCell] = []
        for draft in drafts:
            bad += merge.take(draft)
        return bad

    def _refuse_if_no_place_is_told(self, merges: dict[str, Merge]) -> None:
        """Say once, and not in every row, that a file without any column for places cannot bring new elevators."""
        there = self.read.layout.header_of
        if any(name in there for name in ("site", "site_code", "address")):
            return
        known = any(thing.stored for merge in merges.values() for thing in merge.elevators.values())
        if self.bad and not known:
            fault = Fault.of(
                "site", None, "name a column with the site or the address: {accepted} (found: {found})",
                accepted="site, 安装地点, 使用地点, address, 地址", found=", ".join(self.read.sheet.header)[:400],
            )  # fmt: skip
            raise InvalidInput("the file does not say where the elevators are", faults=[fault])

    async def _write(self, name: str, merge: Merge) -> None:
        firm = merge.firm
        self.progress("writing", 0, len(merge.elevators))
        if name in self.firms_made:
            defaults = self.read.firm_defaults
            await queries.insert("firm", {
                "id": firm, "name": name, "region": defaults.region, "time_zone": defaults.time_zone,
                "rescue_phone": defaults.rescue_phone,
            })  # fmt: skip
        await owner_numbers.note_standing_inside(firm)
        for table, fields, things in (
            ("owner", OWNER_FIELDS, merge.owners),
            ("site", SITE_FIELDS, merge.sites),
            ("contract", CONTRACT_FIELDS, merge.contracts),
            ("elevator", ELEVATOR_FIELDS, merge.elevators),
        ):
            await bulk_queries.upsert(table, firm, fields, _to_write(things.values()))
        await owner_numbers.note_inside(firm, self.scope.account)
        told = [ToldVisit(elevator=t.elevator, maintenance_class=t.maintenance_class, on_day=t.on_day) for t in merge.told]
        if told:
            await upkeep.note_told_visits_inside(firm, told)
        await self._have_windows_computed(merge)
        counted = merge.elevator_counts()
        detail = {"file": self.filename[:200], "created": counted.created, "updated": counted.updated}
        await audit(firm, self.scope.account, "elevators.imported", str(firm), detail)
        self.progress("writing", len(merge.elevators), len(merge.elevators))

    async def _have_windows_computed(self, merge: Merge) -> None:
        sites = [thing.id for thing in merge.sites.values() if thing.changed]
        contracts = [thing.id for thing in merge.contracts.values() if thing.changed]
        concerned = sorted({*merge.changed_elevators(), *await bulk_queries.elevators_at(sites, contracts)})
        for start in range(0, len(concerned), WINDOWS_PER_JOB):
            part = concerned[start : start + WINDOWS_PER_JOB]
            await enqueue("due_windows", {"firm": merge.firm, "elevators": part})

    def _report(self, merges: dict[str, Merge], *, written: bool) -> ImportReport:
        wrong = {bad.row for bad in self.bad}
        source = [
            SourceRow(row=row.number, cells=[_source_cell(cell) for cell in row.cells])
            for row in self.read.sheet.rows
            if row.number in wrong
        ]
        return ImportReport(
            filename=self.filename,
            rows=len(self.read.sheet.rows),
            written=written,
            dry_run=self.dry_run,
            elevators=_total([merge.elevator_counts() for merge in merges.values()]),
            owners=_total([counts(merge.owners.values()) for merge in merges.values()]),
            sites=_total([counts(merge.sites.values()) for merge in merges.values()]),
            contracts=_total([counts(merge.contracts.values()) for merge in merges.values()]),
            firms=sorted(merges),
            firms_made=self.firms_made,
            bad=sorted(self.bad, key=lambda bad: bad.row),
            notes=self.read.notes.listed(),
            header=self.read.sheet.header,
            bad_rows=source,
        )


async def _stored(firm: UUID, codes: list[str]) -> Stored:
    sites = await bulk_queries.rows_of("site", firm, SITE_FIELDS)
    for site in sites:
        site["access_hours"] = hours_of(site["access_hours"])
        for name in ("lat", "lon"):
            site[name] = None if site[name] is None else rules.rounded(site[name])
    elevators = await bulk_queries.elevators_with(firm, ELEVATOR_FIELDS, codes)
    ids = [row["id"] for row in elevators]
    return Stored(
        owners=await bulk_queries.rows_of("owner", firm, OWNER_FIELDS),
        sites=sites,
        contracts=await bulk_queries.rows_of("contract", firm, CONTRACT_FIELDS),
        elevators=elevators,
        told=await bulk_queries.told_visits(ids),
        last={elevator: last_by_class(days) for elevator, days in (await bulk_queries.last_visits(ids)).items()},
        staff=await number_queries.staff_of(firm),
    )


def last_by_class(days: dict[str, date]) -> dict[str, date]:
    """Return the last day of each class or a higher one: a higher class includes the lower ones."""
    found: dict[str, date] = {}
    best: date | None = None
    for name in reversed(_CLASS_RANKS):
        day = days.get(name)
        best = day if best is None or (day is not None and day > best) else best
        if best is not None:
            found[name] = best
    return found


def _to_write(things: Iterable[Thing]) -> list[dict[str, Any]]:
    return [thing.row for thing in things if thing.changed or not thing.stored]


def _total(parts: Sequence[Counts]) -> Counts:
    return Counts(
        created=sum(part.created for part in parts),
        updated=sum(part.updated for part in parts),
        unchanged=sum(part.unchanged for part in parts),
    )


def _source_cell(cell: Cell) -> str | int | float:
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return cell
    try:
        return text_of(cell)
    except Unreadable:
        return str(cell)

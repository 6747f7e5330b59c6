"""Brings rows of a file together with what is stored: what is new, what changes, what cannot be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import msgspec
from msgspec import Struct

from backend.errors import Fault
from backend.registry import cells, numbers, rules
from backend.registry.cells import CLEAR
from backend.registry.columns import by_name, columns
from backend.registry.inputs import ElevatorCreate
from backend.registry.numbers import Holder
from backend.registry.report import BadCell, Counts, Notes
from backend.registry.rows import SAME_CODE, Draft
from backend.registry.values import shown
from backend.registry.views import Hours, Mode

OWNER_FIELDS = ("name", "safety_officer", "phone")
SITE_FIELDS = ("owner", "code", "name", "address", "district", "kind", "sector", "lat", "lon", "access_notes", "access_hours")
CONTRACT_FIELDS = (
    "owner", "number", "starts_on", "ends_on", "on_demand_consent_on", "on_demand_withdrawn_on", "insurance_until",
    "demanded_grade",
)  # fmt: skip
ELEVATOR_FIELDS = ElevatorCreate.__struct_fields__
TOLD_CLASSES = ("half_month", "quarter", "half_year", "year")

_COLUMN_OF: Mapping[tuple[str, str], str] = {(column.table, column.field): column.name for column in columns() if column.export}
_ELEVATOR_DEFAULTS = {
    field.name: None if field.default is msgspec.NODEFAULT else field.default
    for field in msgspec.structs.fields(ElevatorCreate)
}


_CONTRADICTED = {
    "owner": "row {first} says something else of the same owner, and that is kept",
    "site": "row {first} says something else of the same site, and that is kept",
    "contract": "row {first} says something else of the same contract, and that is kept",
}


def _new_elevator(code: str) -> dict[str, Any]:
    own: dict[str, Any] = {"id": uuid4(), "registration_code": code, "skills": [], "item_exclusions": {}, "extra": {}}
    return _ELEVATOR_DEFAULTS | own


class Stored(Struct, frozen=True, kw_only=True):
    """What is stored of one firm and could be concerned: rows as dictionaries of their columns."""

    owners: list[dict[str, Any]]
    sites: list[dict[str, Any]]
    contracts: list[dict[str, Any]]
    elevators: list[dict[str, Any]]
    told: Mapping[UUID, Mapping[str, date]]
    """Elevator → class → day of the visit that was told."""

    last: Mapping[UUID, Mapping[str, date]]
    """Elevator → class → day of the last visit of this or a higher class, told or recorded."""

    staff: list[Holder] = []
    """Who of the firm has a telephone number: none of these can be an owner's."""


class Thing:
    """A row that is stored, or will be."""

    def __init__(self, row: dict[str, Any], *, stored: bool) -> None:
        self.row, self.stored = row, stored
        self.changed = self.meant = False
        self.said: dict[str, int] = {}
        """Field → row of the file that said it."""

    @property
    def id(self) -> UUID:
        """Return its key."""
        found: UUID = self.row["id"]
        return found

    def preview(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return the row with what the file has not said before."""
        return self.row | {field: value for field, value in values.items() if field not in self.said}

    def take(self, values: Mapping[str, Any], row: int) -> list[tuple[str, int]]:
        """Take values over; return fields, with the row that spoke first, where the file contradicts itself."""
        contradicted = []
        for field, value in values.items():
            if field in self.said:
                if self.row[field] != value:
                    contradicted.append((field, self.said[field]))
                continue
            self.said[field] = row
            if self.row[field] != value:
                self.row[field] = value
                self.changed = True
        return contradicted


class Told(Struct, frozen=True, kw_only=True):
    """A visit before this system's time that the file tells and nobody knew."""

    elevator: UUID
    maintenance_class: str
    on_day: date


class _Row(Struct, kw_only=True):
    """What one row of the file comes to, before it is taken over."""

    draft: Draft
    elevator: Thing
    is_new: bool
    owner: Thing | None = None
    site: Thing | None = None
    contract: Thing | None = None
    contract_owner: Thing | None = None
    changes: dict[str, tuple[Thing, dict[str, Any]]] = {}
    """Table → thing and the values that the row says."""


class Merge:
    """Takes rows of one firm in, one by one."""

    def __init__(self, firm: UUID, stored: Stored, today: date, header_of: Mapping[str, str], notes: Notes) -> None:
        self.firm, self.today, self.header_of, self.notes = firm, today, header_of, notes
        self.owners = {row["name"]: Thing(row, stored=True) for row in stored.owners}
        self.sites = {row["code"]: Thing(row, stored=True) for row in stored.sites}
        self.contracts = {row["number"]: Thing(row, stored=True) for row in stored.contracts}
        self.elevators = {row["registration_code"]: Thing(row, stored=True) for row in stored.elevators}
        self.told: list[Told] = []
        self._stored = stored
        self._rows: dict[str, int] = {}
        self._rescue_codes: dict[str, int] = {}
        self._told_of: set[UUID] = set()
        self._site_by_id = {thing.id: thing for thing in self.sites.values()}
        self._contract_by_id = {thing.id: thing for thing in self.contracts.values()}
        self._sites_by_name: dict[str, list[Thing]] = {}
        for thing in self.sites.values():
            self._sites_by_name.setdefault(thing.row["name"], []).append(thing)

    def take(self, draft: Draft) -> list[BadCell]:
        """Take a row over, or return everything that is wrong with it and take nothing."""
        code: str = draft.values["registration_code"]
        first = self._rows.setdefault(code, draft.row)
        if first != draft.row:
            fault = Fault.of("registration_code", code, SAME_CODE, first=first)
            return self._bad(draft, "elevator", [fault])
        known = self.elevators.get(code)
        elevator = known or Thing(_new_elevator(code), stored=False)
        row = _Row(draft=draft, elevator=elevator, is_new=known is None, changes={})
        bad = self._owners(row) + self._site(row) + self._contract(row) + self._elevator(row) + self._told(row)
        if not bad:
            self._commit(row)
        return bad

    def _bad(self, draft: Draft, table: str, faults: Iterable[Fault]) -> list[BadCell]:
        found = []
        for fault in faults:
            name = _COLUMN_OF.get((table, fault.path), fault.path)
            value = None if fault.value is None else shown(fault.value)
            template = fault.template or fault.reason
            found.append(BadCell.of(draft.row, self.header_of.get(name, name), value, template, **fault.params))
        return found

    def _values(self, draft: Draft, table: str) -> dict[str, Any]:
        """Return what a row says of a table's fields, emptied ones with the empty value of their kind."""
        found: dict[str, Any] = {}
        for name, value in draft.values.items():
            column = by_name()[name]
            if column.table == table:
                found[column.field] = cells.EMPTY[column.kind]() if value is CLEAR else value
        return found

    def _owners(self, row: _Row) -> list[BadCell]:
        values = self._values(row.draft, "owner")
        name = values.pop("name", "")
        if name:
            row.owner = self._owner_called(name)
            row.changes["owner"] = (row.owner, values)
        elif values and row.draft.values.get("owner") is not CLEAR:
            site = None if row.is_new else self._site_by_id.get(row.elevator.row["site"])
            owner = None if site is None else self._owner_by_id(site.row["owner"])
            if owner is None:
                reason = "name the owner too: this cannot be kept without one"
                return self._bad(row.draft, "owner", [Fault(field, str(value), reason) for field, value in values.items()])
            row.changes["owner"] = (owner, values)
        bad = self._staff_number(row)
        other = row.draft.values.get("contract_owner")
        if other is not None and other is not CLEAR:
            row.contract_owner = row.owner if other == name else self._owner_called(other)
        return bad

    def _staff_number(self, row: _Row) -> list[BadCell]:
        """Refuse a number that is new for the owner and belongs to somebody who maintains elevators."""
        owner, values = row.changes.get("owner", (None, {}))
        phone = values.get("phone", "")
        if owner is None or not phone or phone == owner.row["phone"]:
            return []
        return self._bad(row.draft, "owner", numbers.staff_fault(phone, self._stored.staff))

    def _owner_called(self, name: str) -> Thing:
        empty = {"id": uuid4(), "name": name, "safety_officer": "", "phone": ""}
        return self.owners.get(name) or Thing(empty, stored=False)

    def _owner_by_id(self, owner: UUID | None) -> Thing | None:
        return next((thing for thing in self.owners.values() if thing.id == owner), None)

    def _site(self, row: _Row) -> list[BadCell]:
        draft = row.draft
        values = self._values(draft, "site")
        site = self._site_meant(row, values)
        if site is None:
            reason = "a new elevator needs a place: fill in the site or the address"
            return self._bad(draft, "site", [Fault("name", None, reason)])
        row.site = site
        if draft.values.get("owner") is CLEAR:
            values["owner"] = None
        elif row.owner is not None:
            values["owner"] = row.owner.id
        values.pop("code", None)
        row.changes["site"] = (site, values)
        preview = site.preview(values)
        return self._bad(draft, "site", rules.position(preview) + rules.hours(preview["access_hours"]))

    def _site_meant(self, row: _Row, values: dict[str, Any]) -> Thing | None:
        """Return the site of a row: by its code; else the elevator's own; else by owner and name; else a new one."""
        current = None if row.is_new else self._site_by_id.get(row.elevator.row["site"])
        code, name = values.get("code"), values.get("name")
        if code:
            if code not in self.sites:
                values.setdefault("name", values.get("address") or code)
            return self.sites.get(code) or self._new_site(code, values["name"])
        if not name and current is not None:
            return current
        name = name or values.get("address")
        if not name:
            return None
        values["name"] = name
        owner = None if row.owner is None else row.owner.id
        near = self._sites_by_name.get(name, [])
        if current is not None:
            near = [current, *near] if current.row["name"] == name else near
        for site in near:
            if owner is None or site.row["owner"] in (None, owner):
                return site
        code = name if name not in self.sites else f"{name} / {row.owner.row['name'] if row.owner else '2'}"
        number = 2
        while code in self.sites:
            code, number = f"{name} / {number}", number + 1
        return self._new_site(code, name)

    def _new_site(self, code: str, name: str) -> Thing:
        empty: dict[str, Any] = dict.fromkeys(SITE_FIELDS, "")
        empty |= {"id": uuid4(), "code": code, "name": name, "owner": None, "lat": None, "lon": None, "access_hours": []}
        return Thing(empty, stored=False)

    def _contract(self, row: _Row) -> list[BadCell]:
        draft = row.draft
        if draft.values.get("contract") is CLEAR:
            return []
        values = self._values(draft, "contract")
        number = values.pop("number", "")
        values.pop("owner", None)
        if row.contract_owner is not None:
            values["owner"] = row.contract_owner.id
        elif not number and not values:
            return []
        contract = self.contracts.get(number) if number else self._contract_by_id.get(row.elevator.row["contract"])
        if contract is None and not number:
            reason = "name the contract too: this cannot be kept without one"
            return self._bad(draft, "contract", [Fault(field, shown(value), reason) for field, value in values.items()])
        if contract is None:
            owner = values.get("owner") or self._site_owner(row)
            missing = [
                Fault(field, None, reason)
                for field, value, reason in (
                    ("starts_on", values.get("starts_on"), "a new contract needs its first day"),
                    ("owner", owner, "a new contract needs an owner: fill in the owner of the site"),
                )
                if value is None
            ]
            if missing:
                return self._bad(draft, "contract", missing)
            empty = dict.fromkeys(CONTRACT_FIELDS) | {"id": uuid4(), "number": number, "owner": owner, "demanded_grade": ""}
            contract = Thing(empty, stored=False)
        row.contract = contract
        row.changes["contract"] = (contract, values)
        return self._bad(draft, "contract", rules.contract(contract.preview(values), self.today))

    def _site_owner(self, row: _Row) -> UUID | None:
        if row.owner is not None:
            return row.owner.id
        owner: UUID | None = None if row.site is None else row.site.row["owner"]
        return owner

    def _elevator(self, row: _Row) -> list[BadCell]:
        draft, present = row.draft, row.elevator.row
        values = self._values(draft, "elevator")
        mode = values.get("mode")
        if "rule_pack" not in values and (row.is_new or (mode is not None and mode != present["mode"])):
            values["rule_pack"] = rules.USUAL_PACK[Mode(mode or present["mode"])]
        if draft.extra:
            extra = present["extra"] | draft.extra
            values["extra"] = {name: text for name, text in extra.items() if text is not CLEAR}
        if row.site is not None:
            values["site"] = row.site.id
        if draft.values.get("contract") is CLEAR:
            values["contract"] = None
        elif row.contract is not None:
            values["contract"] = row.contract.id
        row.changes["elevator"] = (row.elevator, values)
        preview = row.elevator.preview(values)
        return self._bad(draft, "elevator", rules.elevator_days(preview, self.today) + rules.item_exclusions(preview))

    def _told(self, row: _Row) -> list[BadCell]:
        return self._bad(row.draft, "told", rules.not_after(self._values(row.draft, "told"), TOLD_CLASSES, self.today))

    def _commit(self, row: _Row) -> None:
        for thing in (row.owner, row.contract_owner, row.site, row.contract, row.elevator):
            if thing is not None:
                thing.meant = True
        for thing in (row.owner, row.contract_owner):
            if thing is not None:
                self.owners.setdefault(thing.row["name"], thing)
        if row.site is not None and row.site.row["code"] not in self.sites:
            self.sites[row.site.row["code"]] = self._site_by_id[row.site.id] = row.site
            self._sites_by_name.setdefault(row.site.row["name"], []).append(row.site)
        if row.contract is not None and row.contract.row["number"] not in self.contracts:
            self.contracts[row.contract.row["number"]] = self._contract_by_id[row.contract.id] = row.contract
        self.elevators.setdefault(row.elevator.row["registration_code"], row.elevator)
        for table, (thing, values) in row.changes.items():
            for field, first in thing.take(values, row.draft.row):
                name = _COLUMN_OF.get((table, field), field)
                self.notes.add(
                    self.header_of.get(name, name),
                    _CONTRADICTED[table],
                    row.draft.row, first=first,
                )  # fmt: skip
        rescue_code = row.elevator.row["rescue_code"]
        first = self._rescue_codes.setdefault(rescue_code, row.draft.row) if rescue_code else row.draft.row
        if first != row.draft.row:
            column = self.header_of.get("rescue_code", "rescue_code")
            self.notes.add(column, "row {first} has the same rescue code", row.draft.row, first=first)
        for maintenance_class, day in self._values(row.draft, "told").items():
            if not self._is_known(row.elevator.id, maintenance_class, day):
                self.told.append(Told(elevator=row.elevator.id, maintenance_class=maintenance_class, on_day=day))
                self._told_of.add(row.elevator.id)

    def _is_known(self, elevator: UUID, maintenance_class: str, day: date) -> bool:
        return day in (
            self._stored.told.get(elevator, {}).get(maintenance_class),
            self._stored.last.get(elevator, {}).get(maintenance_class),
        )

    def changed_elevators(self) -> list[UUID]:
        """Return the elevators whose due window may move."""
        return sorted({thing.id for thing in self.elevators.values() if thing.changed or not thing.stored} | self._told_of)

    def elevator_counts(self) -> Counts:
        """Count the file's elevators; one of which only a told visit is new counts as updated."""
        return counts(self.elevators.values(), also_changed=self._told_of)


def counts(things: Iterable[Thing], also_changed: Collection[UUID] = ()) -> Counts:
    """Count what the file speaks of: made, changed, left."""
    created = updated = unchanged = 0
    for thing in things:
        if not thing.stored:
            created += 1
        elif thing.changed or thing.id in also_changed:
            updated += 1
        elif thing.meant:
            unchanged += 1
    return Counts(created=created, updated=updated, unchanged=unchanged)


def hours_of(stored: Iterable[Mapping[str, int]]) -> list[Hours]:
    """Return stored hours as structs."""
    return [msgspec.convert(span, Hours) for span in stored]

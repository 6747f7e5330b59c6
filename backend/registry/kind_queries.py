"""The kinds of things in the register: how each is read, searched and sorted. SQL fragments for `queries`."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from backend.registry.views import (
    AbsenceView,
    CertificateView,
    ContractView,
    CrewView,
    ElevatorView,
    FirmView,
    MemberView,
    OwnerView,
    SiteView,
    TechnicianView,
)

V = TypeVar("V")


class Kind(Struct, Generic[V], frozen=True, kw_only=True):
    """One kind of thing: the row is `t`, the present instant `clock.at`."""

    name: str
    """As messages and the audit trail call it."""

    missing: str
    """What is said where there is none with an `{id}`."""

    table: str
    view: type[V]
    columns: str
    source: str
    sort: str
    """A text expression; ties are broken by the id."""

    search: tuple[str, ...] = ()
    firm: str = "t.firm"


_TODAY = "(clock.at AT TIME ZONE f.time_zone)::date"

FIRM = Kind(
    name="firm",
    missing="there is no firm {id}",
    table="firm",
    view=FirmView,
    columns="t.id, t.name, t.phone_24h, t.licence_number, t.licence_expires_on, t.credit_class, t.serious_violation_on,"
    " t.region, t.time_zone,"
    " t.rescue_phone, t.created_at, t.xmin::text AS version",
    source="firm t",
    sort="t.name",
    search=("t.name", "t.licence_number"),
    firm="t.id",
)

OWNER = Kind(
    name="owner",
    missing="there is no owner {id}",
    table="owner",
    view=OwnerView,
    columns="t.id, t.firm, t.name, t.safety_officer, t.phone, t.created_at, t.xmin::text AS version,"
    " (SELECT count(*) FROM site s WHERE s.owner = t.id) AS sites,"
    " (SELECT count(*) FROM elevator e JOIN site s ON s.id = e.site WHERE s.owner = t.id) AS elevators",
    source="owner t",
    sort="t.name",
    search=("t.name", "t.safety_officer", "t.phone"),
)

SITE = Kind(
    name="site",
    missing="there is no site {id}",
    table="site",
    view=SiteView,
    columns="t.id, t.firm, t.owner, coalesce(o.name, '') AS owner_name, t.code, t.name, t.address, t.district, t.kind,"
    " t.sector,"
    " t.lat,"
    " t.lon, t.access_notes, t.access_hours, t.created_at, t.xmin::text AS version,"
    " (SELECT count(*) FROM elevator e WHERE e.site = t.id) AS elevators",
    source="site t LEFT JOIN owner o ON o.id = t.owner",
    sort="t.name",
    search=("t.name", "t.code", "t.address", "t.district", "o.name"),
)

CONTRACT = Kind(
    name="contract",
    missing="there is no contract {id}",
    table="contract",
    view=ContractView,
    columns="t.id, t.firm, t.owner, o.name AS owner_name, t.number, t.starts_on, t.ends_on, t.on_demand_consent_on,"
    " t.on_demand_withdrawn_on, t.insurance_until, t.demanded_grade, t.created_at, t.xmin::text AS version,"
    " (SELECT count(*) FROM elevator e WHERE e.contract = t.id) AS elevators",
    source="contract t JOIN owner o ON o.id = t.owner",
    sort="t.number",
    search=("t.number", "o.name"),
)

ELEVATOR = Kind(
    name="elevator",
    missing="there is no elevator {id}",
    table="elevator",
    view=ElevatorView,
    columns="t.id, t.firm, f.name AS firm_name, t.registration_code, t.rescue_code, t.unit_name, t.bank, t.equipment_type,"
    " t.site, s.code AS site_code, s.name AS site_name, s.kind AS site_kind, s.address, s.district, s.lat, s.lon,"
    " s.owner, coalesce(o.name, '') AS owner_name, t.contract, coalesce(c.number, '') AS contract_number,"
    " t.manufacturer, t.model, t.product_number, t.use_registration, t.installed_by, t.drive, t.rated_load_kg,"
    " t.rated_speed_mm_s, t.floors, t.stops, t.doors, t.travel_mm, t.in_use_since, t.inspected_on, t.inspection_due_on,"
    " t.inspection_body, t.mode, t.rule_pack, t.on_demand_filing, t.on_demand_filed_on, t.on_demand_gap_days,"
    " t.on_demand_declared_on, t.on_demand_target, t.programme_document, t.programme_dated_on, t.programme_gap_days,"
    " t.special_kind, t.watch_list, t.monitored_since, t.state,"
    " t.state_reason, t.service_min, t.skills, t.item_exclusions, t.extra, t.created_at, t.xmin::text AS version",
    source="elevator t JOIN firm f ON f.id = t.firm JOIN site s ON s.id = t.site LEFT JOIN owner o ON o.id = s.owner"
    " LEFT JOIN contract c ON c.id = t.contract",
    sort="t.registration_code",
    search=("t.registration_code", "t.rescue_code", "t.unit_name", "s.name", "s.address", "o.name"),
)

CERTIFICATE = Kind(
    name="certificate",
    missing="there is no certificate {id}",
    table="certificate",
    view=CertificateView,
    columns="t.id, t.firm, t.technician, t.code, t.number, t.expires_on, t.xmin::text AS version",
    source="certificate t",
    sort="t.code || ' ' || t.number",
)

TECHNICIAN = Kind(
    name="technician",
    missing="there is no technician {id}",
    table="technician",
    view=TechnicianView,
    columns="t.id, t.firm, t.name, t.badge, t.phone, t.skills, t.active, t.created_at, t.xmin::text AS version,"
    " (SELECT coalesce(json_agg(json_build_object('id', x.id, 'firm', x.firm, 'technician', x.technician, 'code', x.code,"
    " 'number', x.number, 'expires_on', x.expires_on, 'version', x.xmin::text) ORDER BY x.code, x.expires_on DESC), '[]')"
    " FROM certificate x WHERE x.technician = t.id) AS certificates, m.crew, coalesce(k.name, '') AS crew_name",
    source="clock, technician t JOIN firm f ON f.id = t.firm"
    " LEFT JOIN LATERAL (SELECT m.crew FROM crew_member m, clock WHERE m.technician = t.id"
    f" AND m.starts_on <= {_TODAY} AND (m.ends_on IS NULL OR m.ends_on >= {_TODAY}) LIMIT 1) m ON true"
    " LEFT JOIN crew k ON k.id = m.crew",
    sort="t.badge",
    search=("t.name", "t.badge", "t.phone"),
)

MEMBER = Kind(
    name="crew_member",
    missing="there is no membership {id}",
    table="crew_member",
    view=MemberView,
    columns="t.id, t.firm, t.crew, t.technician, w.name AS technician_name, w.badge, t.starts_on, t.ends_on,"
    " t.xmin::text AS version",
    source="crew_member t JOIN technician w ON w.id = t.technician",
    sort="t.starts_on::text",
)

CREW = Kind(
    name="crew",
    missing="there is no crew {id}",
    table="crew",
    view=CrewView,
    columns="t.id, t.firm, t.name, t.base_lat, t.base_lon, t.area, t.active, t.xmin::text AS version,"
    " (SELECT coalesce(json_agg(json_build_object('id', m.id, 'firm', m.firm, 'crew', m.crew, 'technician', m.technician,"
    " 'technician_name', w.name, 'badge', w.badge, 'starts_on', m.starts_on, 'ends_on', m.ends_on, 'version', m.xmin::text)"
    " ORDER BY m.starts_on, w.badge), '[]') FROM crew_member m JOIN technician w ON w.id = m.technician"
    f" WHERE m.crew = t.id AND (m.ends_on IS NULL OR m.ends_on >= {_TODAY})) AS members,"
    " (SELECT coalesce(json_agg(json_build_object('weekday', h.weekday, 'from_s', h.from_s, 'to_s', h.to_s,"
    " 'max_overtime_s', h.max_overtime_s, 'break_from_s', h.break_from_s, 'break_to_s', h.break_to_s,"
    " 'break_duration_s', h.break_duration_s) ORDER BY h.weekday), '[]') FROM shift h WHERE h.crew = t.id) AS shifts",
    source="clock, crew t JOIN firm f ON f.id = t.firm",
    sort="t.name",
    search=("t.name", "t.area"),
)

ABSENCE = Kind(
    name="absence",
    missing="there is no absence {id}",
    table="absence",
    view=AbsenceView,
    columns="t.id, t.firm, t.technician, w.name AS technician_name, t.starts_on, t.ends_on, t.reason, t.xmin::text AS version",
    source="absence t JOIN technician w ON w.id = t.technician",
    sort="t.starts_on::text",
    search=("w.name", "t.reason"),
)

"""What leaves the register. Days are local dates of the firm; `version` names the state of a row (see `service`)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar
from uuid import UUID

from msgspec import Struct

T = TypeVar("T")


class SiteKind(StrEnum):
    """What a building is used for."""

    UNKNOWN = ""
    RESIDENTIAL = "residential"
    OFFICE = "office"
    HOSPITAL = "hospital"
    MALL = "mall"
    HOTEL = "hotel"
    SCHOOL = "school"
    STATION = "station"
    OTHER = "other"


class Sector(StrEnum):
    """Whose supervision a site is under besides the market bureau's (行业主管部门)."""

    UNKNOWN = ""
    EDUCATION = "education"
    HEALTH = "health"
    COMMERCE = "commerce"
    TRANSPORT = "transport"
    TOURISM = "tourism"
    HOUSING = "housing"
    OTHER = "other"


class SpecialKind(StrEnum):
    """What makes an elevator a special one."""

    NONE = ""
    FIREFIGHTER = "firefighter"
    EXPLOSION_PROOF = "explosion_proof"


class WatchList(StrEnum):
    """On which list of the authority an elevator stands."""

    NONE = ""
    THREE_WITHOUT = "three_without"
    """三无: without manager, maintenance or funds."""

    LISTED_HAZARD = "listed_hazard"
    """挂牌督办: a major hazard under supervision."""


class DemandedGrade(StrEnum):
    """The lowest grade of proof that a contract takes without a review (docs/proof.md)."""

    NONE = ""
    A = "A"
    B = "B"
    C = "C"


class Mode(StrEnum):
    """How an elevator is maintained: at fixed intervals (定期) or on demand (按需)."""

    FIXED = "fixed"
    ON_DEMAND = "on_demand"


class State(StrEnum):
    """Whether an elevator runs."""

    IN_USE = "in_use"
    STOPPED = "stopped"
    SCRAPPED = "scrapped"


class Hours(Struct, frozen=True, forbid_unknown_fields=True):
    """A span of a day, seconds after local midnight; both ends included."""

    from_s: int
    to_s: int


class Page(Struct, Generic[T], frozen=True, kw_only=True):
    """A part of a list."""

    rows: list[T]
    next_cursor: str | None
    """What to ask for the part after this one; None at the end."""

    total: int
    """Lines that fit the filter, on all pages."""


class FirmView(Struct, frozen=True, kw_only=True):
    """A maintenance firm (维保单位)."""

    id: UUID
    name: str
    phone_24h: str
    licence_number: str
    licence_expires_on: date | None
    credit_class: str
    serious_violation_on: date | None
    """Since when the firm stands in the authority's record of serious violations; None where it does not."""

    """A..D from the authority's classification (分类监管); empty where there is none."""

    region: str
    time_zone: str
    rescue_phone: str
    created_at: datetime
    version: str


class OwnerView(Struct, frozen=True, kw_only=True):
    """A using unit (使用单位)."""

    id: UUID
    firm: UUID
    name: str
    safety_officer: str
    phone: str
    sites: int
    elevators: int
    created_at: datetime
    version: str


class SiteView(Struct, frozen=True, kw_only=True):
    """A building or place with elevators; the position is WGS-84."""

    id: UUID
    firm: UUID
    owner: UUID | None
    owner_name: str
    code: str
    name: str
    address: str
    district: str
    kind: SiteKind
    sector: Sector
    lat: float | None
    lon: float | None
    access_notes: str
    access_hours: list[Hours]
    """A visit may start inside one of these; empty means at any time."""

    elevators: int
    created_at: datetime
    version: str


class ContractView(Struct, frozen=True, kw_only=True):
    """What a firm and an owner agreed; all days are included."""

    id: UUID
    firm: UUID
    owner: UUID
    owner_name: str
    number: str
    starts_on: date
    ends_on: date | None
    on_demand_consent_on: date | None
    """The owner agreed in writing to on-demand maintenance."""

    on_demand_withdrawn_on: date | None
    insurance_until: date | None
    """Last day of the elevator liability insurance."""

    demanded_grade: DemandedGrade
    """Visits below it wait for a review."""

    elevators: int
    created_at: datetime
    version: str


class ElevatorView(Struct, frozen=True, kw_only=True):
    """An elevator with its place, owner and contract."""

    id: UUID
    firm: UUID
    firm_name: str
    registration_code: str
    rescue_code: str
    unit_name: str
    bank: str
    equipment_type: str
    site: UUID
    site_code: str
    site_name: str
    site_kind: SiteKind
    address: str
    district: str
    lat: float | None
    lon: float | None
    owner: UUID | None
    owner_name: str
    contract: UUID | None
    contract_number: str
    manufacturer: str
    model: str
    product_number: str
    """The maker's number of this elevator (产品编号)."""

    use_registration: str
    """Number of the use registration certificate (使用登记证编号)."""

    installed_by: str
    drive: str
    rated_load_kg: int | None
    rated_speed_mm_s: int | None
    floors: int | None
    stops: int | None
    doors: int | None
    travel_mm: int | None
    in_use_since: date | None
    inspected_on: date | None
    inspection_due_on: date | None
    inspection_body: str
    mode: Mode
    rule_pack: str
    on_demand_filing: str
    on_demand_filed_on: date | None
    on_demand_gap_days: int | None
    """Days between two visits that the filing names."""

    on_demand_declared_on: date | None
    """Day of the firm's self-declaration (自我声明), where it is not a part of the filing."""

    on_demand_target: str
    """The quality target and promise that is made public."""

    programme_document: str
    """The maker's instructions or the maintenance control program, with its edition."""

    programme_dated_on: date | None
    programme_gap_days: int | None
    """Days between two visits that it names."""

    special_kind: SpecialKind
    watch_list: WatchList
    monitored_since: date | None
    state: State
    state_reason: str
    service_min: int | None
    """Minutes on site, where they differ from the rule pack's."""

    skills: list[str]
    item_exclusions: dict[str, str]
    """Item code → why the item does not apply to this elevator."""

    extra: dict[str, str]
    """Columns of a register that have no place here, as they were given."""

    created_at: datetime
    version: str


class CertificateView(Struct, frozen=True, kw_only=True):
    """A worker's certificate (特种设备作业人员证)."""

    id: UUID
    firm: UUID
    technician: UUID
    code: str
    """`T` for elevators."""

    number: str
    expires_on: date
    """Last valid day."""

    version: str


class TechnicianView(Struct, frozen=True, kw_only=True):
    """A maintenance worker (维保人员)."""

    id: UUID
    firm: UUID
    name: str
    badge: str
    phone: str
    skills: list[str]
    active: bool
    certificates: list[CertificateView]
    crew: UUID | None
    """The crew of today, in the firm's time zone."""

    crew_name: str
    created_at: datetime
    version: str


class MemberView(Struct, frozen=True, kw_only=True):
    """A technician's place in a crew; both days included."""

    id: UUID
    firm: UUID
    crew: UUID
    technician: UUID
    technician_name: str
    badge: str
    starts_on: date
    ends_on: date | None
    version: str


class ShiftView(Struct, frozen=True, kw_only=True):
    """A crew's hours on one weekday, seconds after local midnight."""

    weekday: int
    """0 = Monday .. 6 = Sunday."""

    from_s: int
    to_s: int
    max_overtime_s: int
    break_from_s: int | None
    break_to_s: int | None
    break_duration_s: int | None


class CrewView(Struct, frozen=True, kw_only=True):
    """Technicians who work one round; the base is where the day starts and ends."""

    id: UUID
    firm: UUID
    name: str
    base_lat: float
    base_lon: float
    area: str
    active: bool
    members: list[MemberView]
    """Those of today and later."""

    shifts: list[ShiftView]
    version: str


class AbsenceView(Struct, frozen=True, kw_only=True):
    """Days on which a technician does not work; both ends included."""

    id: UUID
    firm: UUID
    technician: UUID
    technician_name: str
    starts_on: date
    ends_on: date
    reason: str
    version: str

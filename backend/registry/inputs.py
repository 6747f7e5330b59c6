"""What comes into the register: for each thing a Create (all of it) and an Update (only what changes).

In an Update `UNSET` leaves a field as it is and None empties it. Texts are trimmed; `rules` says what is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from msgspec import UNSET, Struct, UnsetType, field

from backend.registry.views import DemandedGrade, Hours, Mode, Sector, SiteKind, SpecialKind, State, WatchList


class _Input(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A body that knows all its fields."""


class FirmCreate(_Input, frozen=True, kw_only=True):
    """A new maintenance firm."""

    name: str
    phone_24h: str = ""
    licence_number: str = ""
    licence_expires_on: date | None = None
    credit_class: str = ""
    serious_violation_on: date | None = None
    region: str = "CN-ZJ-TZ"
    time_zone: str = "Asia/Shanghai"
    rescue_phone: str = "96333"


class FirmUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a firm."""

    name: str | UnsetType = UNSET
    phone_24h: str | UnsetType = UNSET
    licence_number: str | UnsetType = UNSET
    licence_expires_on: date | UnsetType | None = UNSET
    credit_class: str | UnsetType = UNSET
    serious_violation_on: date | UnsetType | None = UNSET
    region: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    rescue_phone: str | UnsetType = UNSET


class OwnerCreate(_Input, frozen=True, kw_only=True):
    """A new owner."""

    name: str
    safety_officer: str = ""
    phone: str = ""


class OwnerUpdate(_Input, frozen=True, kw_only=True):
    """Changes of an owner."""

    name: str | UnsetType = UNSET
    safety_officer: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET


class SiteCreate(_Input, frozen=True, kw_only=True):
    """A new site; without a code it gets its name as code."""

    name: str
    code: str = ""
    owner: UUID | None = None
    address: str = ""
    district: str = ""
    kind: SiteKind = SiteKind.UNKNOWN
    sector: Sector = Sector.UNKNOWN
    lat: float | None = None
    lon: float | None = None
    access_notes: str = ""
    access_hours: Sequence[Hours] = ()


class SiteUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a site."""

    name: str | UnsetType = UNSET
    code: str | UnsetType = UNSET
    owner: UUID | UnsetType | None = UNSET
    address: str | UnsetType = UNSET
    district: str | UnsetType = UNSET
    kind: SiteKind | UnsetType = UNSET
    sector: Sector | UnsetType = UNSET
    lat: float | UnsetType | None = UNSET
    lon: float | UnsetType | None = UNSET
    access_notes: str | UnsetType = UNSET
    access_hours: Sequence[Hours] | UnsetType = UNSET


class ContractCreate(_Input, frozen=True, kw_only=True):
    """A new contract."""

    owner: UUID
    number: str
    starts_on: date
    ends_on: date | None = None
    on_demand_consent_on: date | None = None
    on_demand_withdrawn_on: date | None = None
    insurance_until: date | None = None
    demanded_grade: DemandedGrade = DemandedGrade.NONE


class ContractUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a contract."""

    owner: UUID | UnsetType = UNSET
    number: str | UnsetType = UNSET
    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET
    on_demand_consent_on: date | UnsetType | None = UNSET
    on_demand_withdrawn_on: date | UnsetType | None = UNSET
    insurance_until: date | UnsetType | None = UNSET
    demanded_grade: DemandedGrade | UnsetType = UNSET


class ElevatorCreate(_Input, frozen=True, kw_only=True):
    """A new elevator."""

    site: UUID
    registration_code: str
    contract: UUID | None = None
    rescue_code: str = ""
    unit_name: str = ""
    bank: str = ""
    equipment_type: str = "traction_or_positive_drive_lift"
    manufacturer: str = ""
    model: str = ""
    product_number: str = ""
    use_registration: str = ""
    installed_by: str = ""
    drive: str = ""
    rated_load_kg: int | None = None
    rated_speed_mm_s: int | None = None
    floors: int | None = None
    stops: int | None = None
    doors: int | None = None
    travel_mm: int | None = None
    in_use_since: date | None = None
    inspected_on: date | None = None
    inspection_due_on: date | None = None
    inspection_body: str = ""
    mode: Mode = Mode.FIXED
    rule_pack: str = ""
    """Empty means the usual pack of the mode."""

    on_demand_filing: str = ""
    on_demand_filed_on: date | None = None
    on_demand_gap_days: int | None = None
    on_demand_declared_on: date | None = None
    on_demand_target: str = ""
    programme_document: str = ""
    programme_dated_on: date | None = None
    programme_gap_days: int | None = None
    special_kind: SpecialKind = SpecialKind.NONE
    watch_list: WatchList = WatchList.NONE
    monitored_since: date | None = None
    state: State = State.IN_USE
    state_reason: str = ""
    service_min: int | None = None
    skills: Sequence[str] = ()
    item_exclusions: dict[str, str] = field(default_factory=dict)
    extra: dict[str, str] = field(default_factory=dict)


class ElevatorUpdate(_Input, frozen=True, kw_only=True):
    """Changes of an elevator."""

    site: UUID | UnsetType = UNSET
    registration_code: str | UnsetType = UNSET
    contract: UUID | UnsetType | None = UNSET
    rescue_code: str | UnsetType = UNSET
    unit_name: str | UnsetType = UNSET
    bank: str | UnsetType = UNSET
    equipment_type: str | UnsetType = UNSET
    manufacturer: str | UnsetType = UNSET
    model: str | UnsetType = UNSET
    product_number: str | UnsetType = UNSET
    use_registration: str | UnsetType = UNSET
    installed_by: str | UnsetType = UNSET
    drive: str | UnsetType = UNSET
    rated_load_kg: int | UnsetType | None = UNSET
    rated_speed_mm_s: int | UnsetType | None = UNSET
    floors: int | UnsetType | None = UNSET
    stops: int | UnsetType | None = UNSET
    doors: int | UnsetType | None = UNSET
    travel_mm: int | UnsetType | None = UNSET
    in_use_since: date | UnsetType | None = UNSET
    inspected_on: date | UnsetType | None = UNSET
    inspection_due_on: date | UnsetType | None = UNSET
    inspection_body: str | UnsetType = UNSET
    mode: Mode | UnsetType = UNSET
    rule_pack: str | UnsetType = UNSET
    on_demand_filing: str | UnsetType = UNSET
    on_demand_filed_on: date | UnsetType | None = UNSET
    on_demand_gap_days: int | UnsetType | None = UNSET
    on_demand_declared_on: date | UnsetType | None = UNSET
    on_demand_target: str | UnsetType = UNSET
    programme_document: str | UnsetType = UNSET
    programme_dated_on: date | UnsetType | None = UNSET
    programme_gap_days: int | UnsetType | None = UNSET
    special_kind: SpecialKind | UnsetType = UNSET
    watch_list: WatchList | UnsetType = UNSET
    monitored_since: date | UnsetType | None = UNSET
    state: State | UnsetType = UNSET
    state_reason: str | UnsetType = UNSET
    service_min: int | UnsetType | None = UNSET
    skills: Sequence[str] | UnsetType = UNSET
    item_exclusions: dict[str, str] | UnsetType = UNSET
    extra: dict[str, str] | UnsetType = UNSET


class ElevatorFilter(Struct, frozen=True, kw_only=True):
    """Which elevators are wanted; None leaves a question open."""

    text: str | None = None
    """Part of the code, rescue code, unit name, site, address or owner."""

    firm: UUID | None = None
    site: UUID | None = None
    owner: UUID | None = None
    contract: UUID | None = None
    district: str | None = None
    mode: Mode | None = None
    state: State | None = None
    equipment_type: str | None = None
    inspection_until: date | None = None
    """Periodic inspection due on or before this day."""

    without_label: bool = False
    """Only those without an active label."""


class TechnicianCreate(_Input, frozen=True, kw_only=True):
    """A new technician."""

    name: str
    badge: str
    phone: str = ""
    skills: Sequence[str] = ()
    active: bool = True


class TechnicianUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a technician."""

    name: str | UnsetType = UNSET
    badge: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET
    skills: Sequence[str] | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class CertificateCreate(_Input, frozen=True, kw_only=True):
    """A certificate of a technician."""

    number: str
    expires_on: date
    code: str = "T"


class CertificateUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a certificate."""

    number: str | UnsetType = UNSET
    expires_on: date | UnsetType = UNSET
    code: str | UnsetType = UNSET


class CrewCreate(_Input, frozen=True, kw_only=True):
    """A new crew."""

    name: str
    base_lat: float
    base_lon: float
    area: str = ""
    active: bool = True


class CrewUpdate(_Input, frozen=True, kw_only=True):
    """Changes of a crew."""

    name: str | UnsetType = UNSET
    base_lat: float | UnsetType = UNSET
    base_lon: float | UnsetType = UNSET
    area: str | UnsetType = UNSET
    active: bool | UnsetType = UNSET


class MemberCreate(_Input, frozen=True, kw_only=True):
    """A technician joins a crew."""

    technician: UUID
    starts_on: date
    ends_on: date | None = None


class MemberUpdate(_Input, frozen=True, kw_only=True):
    """A membership begins or ends on another day."""

    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType | None = UNSET


class ShiftInput(_Input, frozen=True, kw_only=True):
    """A crew's hours on one weekday, seconds after local midnight; a break is given whole or not at all."""

    weekday: int
    from_s: int
    to_s: int
    max_overtime_s: int = 0
    break_from_s: int | None = None
    break_to_s: int | None = None
    break_duration_s: int | None = None


class AbsenceCreate(_Input, frozen=True, kw_only=True):
    """Days on which a technician does not work."""

    starts_on: date
    ends_on: date
    reason: str = ""


class AbsenceUpdate(_Input, frozen=True, kw_only=True):
    """Changes of an absence."""

    starts_on: date | UnsetType = UNSET
    ends_on: date | UnsetType = UNSET
    reason: str | UnsetType = UNSET


class TechnicianSetup(_Input, frozen=True, kw_only=True):
    """A technician with certificates, for many at once."""

    name: str
    badge: str
    phone: str = ""
    skills: Sequence[str] = ()
    certificates: Sequence[CertificateCreate] = ()


class CrewSetup(_Input, frozen=True, kw_only=True):
    """A crew with its members and its week, for many at once."""

    name: str
    base_lat: float
    base_lon: float
    area: str = ""
    members: Sequence[TechnicianSetup] = ()
    members_since: date
    shifts: Sequence[ShiftInput] = ()

"""Tables of what was done when, what is due next, and which mode counts."""

from piccolo.columns import (
    UUID,
    Array,
    Boolean,
    Bytea,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    SmallInt,
    Text,
    Timestamptz,
)
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm


class VisitDone(Table, tablename="visit_done"):
    """A completed visit as upkeep needs it: from a record, or told at import."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    visit = UUID(null=False)  # no foreign key: visits know upkeep, not the other way round; made up for told visits
    told = Boolean(default=False)  # told at import: there is no record behind it
    maintenance_class = Text(null=False)
    departed_at = Timestamptz(null=False)
    left_out = Array(base_column=Text(), default=list)  # items of the class that were answered as not applicable
    noted_at = recorded_at()
    visit_done_once = Unique([elevator, visit])


class ItemDone(Table, tablename="item_done"):
    """The last time an item was done outside of a visit of its class, or a special check such as `A-4-06:governor_speed`."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    item = Text(null=False)
    done_at = Timestamptz(null=False)
    visit = UUID(null=True, default=None)
    told_by = may_belong_to(Account)
    note = Text()
    item_done_once = Unique([elevator, item])


class DueWindow(Table, tablename="due_window"):
    """When an elevator must be seen next, and why."""

    firm = belongs_to(Firm)
    elevator = ForeignKey(Elevator, null=False, on_delete=OnDelete.cascade, index=True)  # computed, not a history
    first_day = Date(null=False)
    last_day = Date(null=False, index=True)
    maintenance_class = Text(null=False)
    mode_effective = Text(null=False)
    fallen_back = Boolean(default=False)
    fixed_again_on = Date(null=True, default=None)  # the day on which longer gaps were seen to have ended
    checked_on = Date(null=True, default=None)  # the last day on which items counted as checked from afar
    gap_days = SmallInt(null=True, default=None)  # days between two visits that count for it now; null = not computed yet
    paused = Boolean(default=False)  # the elevator is stopped: no visit until it is put back into use
    reason_en = Text()
    reason_zh = Text()
    receipt = JSONB(default="{}")
    computed_on = Date(null=False)  # the local day against which it was computed
    computed_at = recorded_at()
    due_window_once = Unique([elevator])
    due_window_days = Check("first_day <= last_day")


class ModeChange(Table, tablename="mode_change"):
    """An on-demand elevator fell back to the fixed interval or was restored; shown to the public."""

    id = key()
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    kind = Text(null=False)
    on_day = Date(null=False)
    reasons = JSONB(default="[]")  # [{"zh": …, "en": …}]
    changed_at = recorded_at()
    mode_change_kind_values = Check("kind IN ('fallen_back', 'restored')")


class SpecialPeriod(Table, tablename="special_period"):
    """Days with more maintenance, or without on-demand maintenance; both ends included."""

    id = key()
    firm = belongs_to(Firm)
    name = Text(null=False)
    kind = Text(null=False)
    district = Text()  # empty = every district of the firm
    site_kind = Text()  # only sites of this kind; empty = every kind
    sector = Text()  # only sites under this supervision; empty = every sector
    lat = DoublePrecision(null=True, default=None)  # with lon and radius_m: only sites inside this circle of the map
    lon = DoublePrecision(null=True, default=None)
    radius_m = Integer(null=True, default=None)
    elevator = may_belong_to(Elevator)  # one elevator only
    starts_on = Date(null=False)
    ends_on = Date(null=True, default=None)  # null = until it is removed
    gap_days = SmallInt(null=True, default=None)  # days between two visits, where the order names them
    note = Text()
    created_by = may_belong_to(Account)
    created_at = recorded_at()
    special_period_kinds = Check(
        "kind IN ('major_event', 'authority_order', 'complaint', 'major_repair', 'inspection_failed', 'incident')"
    )
    special_period_days = Check("ends_on IS NULL OR starts_on <= ends_on")
    special_period_gap = Check("gap_days BETWEEN 1 AND 366")
    special_period_circle = Check("num_nonnulls(lat, lon, radius_m) IN (0, 3) AND radius_m BETWEEN 1 AND 200000")


class Deferral(Table, tablename="deferral"):
    """An authorised deferral (延期) of one running gap, with its document; a row is never changed but for its withdrawal."""

    id = key()
    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    counted_from = Date(null=False)  # the day from which the gap counts that it defers
    due_on = Date(null=False)  # the last day of that gap when it was entered, before any deferral
    days = SmallInt(null=False)
    reason = Text(null=False)
    words = Text()
    document = Text(null=False)  # number of the document
    issuer = Text(null=False)
    dated_on = Date(null=False)
    consent_on = Date(null=False)
    consent_by = Text()  # who agreed for the using unit
    file_sha256 = Text()  # of the document's file
    file_name = Text()
    file_type = Text()
    file = Bytea(null=True, default=None)  # null where only its hash was given
    entered_on = Date(null=False)
    created_by = may_belong_to(Account)
    created_at = recorded_at()
    withdrawn_at = Timestamptz(null=True, default=None)
    withdrawn_by = may_belong_to(Account)
    withdrawn_why = Text()
    deferral_days = Check("days BETWEEN 1 AND 366")
    deferral_consent = Check("consent_on < due_on AND dated_on < due_on AND entered_on <= due_on")

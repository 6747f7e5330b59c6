"""Tables of what was done when and what is due next."""

from piccolo.columns import UUID, Boolean, Date, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.registry.tables import Elevator, Firm


class ItemDone(Table, tablename="item_done"):
    """The last time a maintenance item was done on an elevator."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    item = Text(null=False)  # item code of the TSG list, such as A-1-01
    done_at = Timestamptz(null=False)
    item_done_once = Unique([elevator, item])


class LastVisit(Table, tablename="last_visit"):
    """The last completed visit of an elevator: from a record, or told at import."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    maintenance_class = Text(null=False)
    departed_at = Timestamptz(null=False)
    visit = UUID(null=True, default=None)  # no foreign key: visits know upkeep, not the other way round
    last_visit_once = Unique([elevator])


class DueWindow(Table, tablename="due_window"):
    """When an elevator must be seen next, and why."""

    firm = belongs_to(Firm)
    elevator = belongs_to(Elevator)
    first_day = Date(null=False)
    last_day = Date(null=False, index=True)
    maintenance_class = Text(null=False)
    mode_effective = Text(null=False)
    fallen_back = Boolean(default=False)
    receipt = JSONB(default="{}")
    computed_at = recorded_at()
    due_window_once = Unique([elevator])


class SpecialPeriod(Table, tablename="special_period"):
    """Days with more maintenance: a major event in an area (重大活动安保), or an authority's order; both ends included."""

    id = key()
    firm = belongs_to(Firm)
    name = Text(null=False)
    kind = Text(null=False)  # major_event, authority_order
    district = Text()  # empty = every district of the firm
    elevator = may_belong_to(Elevator)
    starts_on = Date(null=False)
    ends_on = Date(null=False)

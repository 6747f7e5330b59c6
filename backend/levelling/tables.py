"""Tables of calendars, runs of the levelling, and target days."""

from piccolo.columns import (
    UUID,
    Array,
    BigInt,
    Boolean,
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


class WorkCalendar(Table, tablename="work_calendar"):
    """Which calendar a firm goes by; without a row none was chosen yet."""

    id = key()
    firm = belongs_to(Firm, index=False)
    source = Text(null=False)  # none, cn (China's public holidays), own (uploaded)
    name = Text()
    years = Array(base_column=Integer(), default=list)  # of an own calendar: what it speaks about
    days = JSONB(default="[]")  # of an own calendar: its special days
    crews_rest = Boolean(default=False)  # crews rest on public holidays and work on working weekends
    changed_at = recorded_at()
    work_calendar_once = Unique([firm])
    work_calendar_source_values = Check("source IN ('none', 'cn', 'own')")


class LevellingRun(Table, tablename="levelling_run"):
    """One run of the levelling: queued → running → done, or failed, stopped."""

    id = key()
    firm = belongs_to(Firm)
    requested_by = may_belong_to(Account)
    requested_at = recorded_at()
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)
    state = Text(default="queued")
    start_date = Date(null=False)
    days = SmallInt(null=False)
    time_limit_s = DoublePrecision(null=False)
    seed = BigInt(default=1)
    attempt = SmallInt(default=0)  # grows each time a worker takes it up; only the latest may write the answer
    stop_requested = Boolean(default=False)
    progress = JSONB(null=True, default=None)
    problem = JSONB(null=True, default=None)  # liftrounds/levelling/1, as it was asked
    levels = JSONB(null=True, default=None)  # liftrounds/levels/1
    beside = JSONB(default="{}")  # what was left out before, and what is published already
    outline = JSONB(default="{}")  # counts for lists
    error = Text()
    levelling_run_state_values = Check("state IN ('queued', 'running', 'done', 'failed', 'stopped')")


class TargetDay(Table, tablename="target_day"):
    """When a visit is best made, by the newest levelling of the firm."""

    firm = belongs_to(Firm)
    run = UUID(null=False)  # the levelling; no foreign key, for old runs are removed
    elevator = ForeignKey(Elevator, null=False, on_delete=OnDelete.cascade, index=False)  # computed, not a history
    day = Date(null=False)
    first_day = Date(null=False)
    last_day = Date(null=False)
    maintenance_class = Text(null=False)
    placed = Boolean(default=True)  # false where no hours were left on any day of the window
    target_day_once = Unique([elevator, day])

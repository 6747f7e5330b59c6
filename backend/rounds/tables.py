"""Tables of plan runs, published rounds and work orders."""

from piccolo.columns import BigInt, Boolean, Date, DoublePrecision, Integer, SmallInt, Text, Timestamptz
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Crew, Elevator, Firm


class PlanRun(Table, tablename="plan_run"):
    """One run of the planner: queued → running → proposed → committed → published, or failed, stopped, discarded."""

    id = key()
    firm = belongs_to(Firm)
    requested_by = may_belong_to(Account)
    requested_at = recorded_at()
    started_at = Timestamptz(null=True, default=None)
    finished_at = Timestamptz(null=True, default=None)  # when the planner was done
    decided_at = Timestamptz(null=True, default=None)  # when it was committed, published or discarded, the latest
    state = Text(default="queued")
    start_date = Date(null=False)
    days = SmallInt(null=False)
    time_limit_s = DoublePrecision(null=False)
    seed = Integer(default=1)
    attempt = SmallInt(default=0)  # grows each time a worker takes it up; only the latest may write the plan
    given_back = SmallInt(default=0)  # attempts that ended because their worker was told to stop, which is no fault
    stop_requested = Boolean(default=False)
    snapshot_hash = Text(null=False)  # SHA-256 of the snapshot: a run whose data has changed since is refused
    snapshot = JSONB(default="{}")  # the problem of the contract, and what stands beside it
    plan = JSONB(null=True, default=None)
    progress = JSONB(null=True, default=None)
    outline = JSONB(default="{}")  # counts for lists, so that they need not read problem and plan
    error = Text()
    plan_run_state_values = Check(
        "state IN ('queued', 'running', 'proposed', 'committed', 'published', 'failed', 'stopped', 'discarded')"
    )


class PublishedRound(Table, tablename="published_round"):
    """A crew's published day; there is one at the most."""

    id = key()
    firm = belongs_to(Firm)
    crew = belongs_to(Crew)
    day = Date(null=False)
    run = belongs_to(PlanRun)
    depart_s = Integer(null=False)  # seconds after local midnight
    return_s = Integer(null=False)
    break_start_s = Integer(null=True, default=None)
    break_duration_s = Integer(null=True, default=None)
    version = BigInt(default=1)  # grows with every change of the day; the ETag of the phone's day
    published_at = recorded_at()
    published_round_one_per_crew_and_day = Unique([crew, day])


class WorkOrder(Table, tablename="work_order"):
    """A published stop: this elevator, this crew, this day."""

    id = key()
    firm = belongs_to(Firm)
    round = belongs_to(PublishedRound)
    elevator = belongs_to(Elevator)
    position = SmallInt(null=False)  # 0 = first stop
    arrive_s = Integer(null=False)  # seconds after local midnight
    start_s = Integer(null=False)
    leave_s = Integer(null=False)
    maintenance_class = Text(null=False)
    due_first_day = Date(null=False)
    due_last_day = Date(null=False)
    reason_en = Text()  # one line of the receipt
    reason_zh = Text()
    state = Text(default="scheduled")
    state_reason = Text()  # why it was cancelled
    created_at = recorded_at()
    work_order_one_stop = Unique([round, position])  # noqa: A003 - the column above
    work_order_state_values = Check("state IN ('scheduled', 'in_progress', 'done', 'missed', 'cancelled')")


class DayRepair(Table, tablename="day_repair"):
    """What happened on a day under way, the repairs that were proposed for it, and what became of them."""

    id = key()
    firm = belongs_to(Firm)
    asked_by = may_belong_to(Account)
    asked_at = recorded_at()
    day = Date(null=False)
    state = Text(default="proposed")
    events = JSONB(default="{}")  # what has happened, as the office told it
    seen = JSONB(default="{}")  # the published rounds it was made from, with their versions
    answer = JSONB(default="{}")  # the planner's answer: options and what changes for whom
    chosen = SmallInt(null=True, default=None)  # which option was carried out
    decided_by = may_belong_to(Account)
    decided_at = Timestamptz(null=True, default=None)
    before = JSONB(null=True, default=None)  # rounds and stops as they were, to go back to
    after = JSONB(null=True, default=None)  # the same as they were left, to tell whether anything has moved since
    day_repair_state_values = Check("state IN ('proposed', 'applied', 'undone', 'discarded')")


class PolicyComparison(Table, tablename="policy_comparison"):
    """The same fleet and dates under several rules: queued → running → done, or failed, stopped."""

    id = key()
    firm = belongs_to(Firm)
    requested_by = may_belong_to(Account)
    requested_at = recorded_at()
    finished_at = Timestamptz(null=True, default=None)
    state = Text(default="queued")
    start_date = Date(null=False)
    days = SmallInt(null=False)
    seeds = SmallInt(null=False)
    attempt = SmallInt(default=0)  # grows each time a worker takes it up; only the latest may write the result
    progress = DoublePrecision(default=0.0)  # share that is done, 0..1
    result = JSONB(null=True, default=None)  # figures by policy
    error = Text()
    policy_comparison_state_values = Check("state IN ('queued', 'running', 'done', 'failed', 'stopped')")

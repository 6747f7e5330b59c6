"""Tables of the failure-rate model: its versions, the forecast of each elevator, past forecasts, and a firm's own costs."""

from piccolo.columns import Boolean, Date, DoublePrecision, ForeignKey, Integer, Text, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.column_types import JSONB
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from backend.columns import belongs_to, key, may_belong_to, recorded_at
from backend.people.tables import Account
from backend.registry.tables import Elevator, Firm


class RiskVersion(Table, tablename="risk_version"):
    """One fit of a firm's model, with every parameter; the newest counts."""

    id = key()
    firm = belongs_to(Firm, index=False)
    number = Integer(null=False)  # 1, 2, … of the firm
    fitted_on = Date(null=False)  # the firm's local day; nothing from this day on was known
    fitted_at = recorded_at()
    program = Text()  # version of Liftrounds
    thin = Boolean(default=False)  # too little history: the prior's rates count
    elevators = Integer(null=False)
    exposure_days = DoublePrecision(null=False)
    faults = Integer(null=False)
    entrapments = Integer(null=False)
    model = JSONB(default="{}")  # liftrounds/risk/1
    risk_version_once = Unique([firm, number])


class ElevatorRisk(Table, tablename="elevator_risk"):
    """What the newest model says of an elevator: enough to forecast any days from it."""

    firm = belongs_to(Firm)
    elevator = ForeignKey(Elevator, null=False, on_delete=OnDelete.cascade, index=False)  # computed, not a history
    number = Integer(null=False)  # of the version
    exposure_days = DoublePrecision(null=False)
    faults_seen = Integer(null=False)
    entrapments_seen = Integer(null=False)
    faults_state = JSONB(default="{}")
    entrapments_state = JSONB(default="{}")
    faults_per_day = DoublePrecision(null=False)  # over the year to come
    entrapments_per_day = DoublePrecision(null=False)
    faults_low = Integer(null=False)  # 80 % interval of the year to come, both ends included
    faults_high = Integer(null=False)
    entrapments_low = Integer(null=False)
    entrapments_high = Integer(null=False)
    because_en = Text()
    because_zh = Text()
    elevator_risk_once = Unique([elevator])


class RiskForecast(Table, tablename="risk_forecast"):
    """A forecast of some days, and what came once they are over."""

    firm = belongs_to(Firm)
    elevator = ForeignKey(Elevator, null=False, on_delete=OnDelete.cascade, index=False)
    outcome = Text(null=False)
    from_day = Date(null=False)
    days = Integer(null=False)
    mean = DoublePrecision(null=False)
    spread = DoublePrecision(null=False)  # index r of the negative binomial distribution
    low = Integer(null=False)
    high = Integer(null=False)
    hindsight = Boolean(default=False)  # made later, from what was known on that day
    came = Integer(null=True, default=None)  # null while the days are not over
    exposure_days = DoublePrecision(null=True, default=None)  # of them under watch
    risk_forecast_once = Unique([elevator, outcome, from_day])
    risk_forecast_outcome = Check("outcome IN ('faults', 'entrapments')")


class RiskCosts(Table, tablename="risk_costs"):
    """What a visit, a fault and an entrapment cost a firm; without a row the samples count."""

    firm = belongs_to(Firm, index=False)
    currency = Text(null=False)
    visit = DoublePrecision(null=False)
    fault = DoublePrecision(null=False)
    entrapment = DoublePrecision(null=False)
    crew_hour = DoublePrecision(null=False)
    preventable_share = DoublePrecision(null=False)
    valid_from = Date(null=False)
    note = Text()  # where the numbers come from
    set_by = may_belong_to(Account)
    set_at = Timestamptz(null=False)
    risk_costs_once = Unique([firm])
    risk_costs_positive = Check(
        "visit > 0 AND fault > 0 AND entrapment > 0 AND crew_hour > 0 AND preventable_share > 0 AND preventable_share < 1"
    )

"""What leaves the room of risk: forecasts, versions of the model, how good past forecasts were, costs. Days are local dates."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from planner.intervals.receipt import BestDay
from planner.risk.forecast import Expected
from planner.risk.model import RiskModel

YEAR_DAYS = 365.25
FORECAST_DAYS = 30
"""Length of the forecasts that are kept and held against what came."""


class RiskLine(Struct, frozen=True, kw_only=True):
    """An elevator's forecast for a year, by the newest model."""

    elevator: UUID
    firm: UUID
    registration_code: str
    unit_name: str
    manufacturer: str
    site_name: str
    district: str
    exposure_days: float
    """Days under watch that were learnt from."""

    faults_seen: int
    entrapments_seen: int
    faults_per_year: float
    faults_low: int
    faults_high: int
    """The 80 % interval, both ends included."""

    entrapments_per_year: float
    entrapments_low: int
    entrapments_high: int
    because_en: str
    """The factors: `own history ×1.4, make (Otis) ×0.9`."""

    because_zh: str


class RiskPage(Struct, frozen=True, kw_only=True):
    """A part of the list, most expected faults first."""

    rows: list[RiskLine]
    next_cursor: str | None
    total: int


class UntilNextVisit(Struct, frozen=True, kw_only=True):
    """What is expected from today to the last day of the due window."""

    until: date
    faults: Expected
    entrapments: Expected


class ElevatorRiskView(Struct, frozen=True, kw_only=True):
    """An elevator's forecast with all that makes it up."""

    line: RiskLine
    version: int
    fitted_on: date
    thin: bool
    """Too little history in the whole firm: the prior's rates count."""

    factors: dict[str, float]
    """`own`, `recent`, and a factor per group on the firm's mean rate of faults."""

    levels: dict[str, str]
    until_next_visit: UntilNextVisit | None
    """None without a due window, or where its last day has passed."""

    best_day: BestDay | None
    """None without a window or a completed visit."""


class VersionLine(Struct, frozen=True, kw_only=True):
    """A fit of the model."""

    number: int
    fitted_on: date
    fitted_at: datetime
    program: str
    thin: bool
    elevators: int
    exposure_days: float
    faults: int
    entrapments: int


class VersionView(VersionLine, frozen=True, kw_only=True):
    """A fit with every parameter."""

    model: RiskModel


class CalibrationBin(Struct, frozen=True, kw_only=True):
    """Forecasts of about the same size, and what came."""

    forecasts: int
    expected: float
    """Mean of the forecasts."""

    came: float
    """Mean of what came."""

    low: float
    high: float
    """Between which 80 % of such means lie if the forecasts are right."""


class Calibration(Struct, frozen=True, kw_only=True):
    """Past forecasts of 30 days against what came."""

    outcome: str
    forecasts: int
    hindsight: int
    """Of them made later, from what was known on the day."""

    expected: float
    came: float
    held: float
    """Share of counts inside their 80 % intervals."""

    held_randomised: float
    """The same without the grain of whole numbers."""

    log_score: float
    log_score_of_mean: float
    """Of a forecast that gives every elevator the same rate."""

    bins: list[CalibrationBin]


class Overview(Struct, frozen=True, kw_only=True):
    """The state of a firm's model."""

    version: VersionLine | None
    """None before the first night."""

    calibrations: list[Calibration]
    """Empty before any forecast is over."""

    due_on: date | None
    """The day on which the first open forecasts will be over."""


class CostsInput(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A firm's own costs, all more than 0."""

    currency: str
    visit: float
    fault: float
    entrapment: float
    crew_hour: float
    preventable_share: float
    """0..1: share of the faults that a visit prevents for a while."""

    note: str = ""
    """Where the numbers come from."""


class CostsView(Struct, frozen=True, kw_only=True):
    """What counts for a firm."""

    own: bool
    """Whether the firm set them; otherwise they are samples."""

    currency: str
    visit: float
    fault: float
    entrapment: float
    crew_hour: float
    preventable_share: float
    usual_gap_days: float
    valid_from: date
    note: str
    marks: dict[str, str]
    """How well each is known: `design`, `expert` or `verified`; `own` for a firm's."""

    sources: dict[str, str]

"""From a history to a model: groups first, then the memory that would have forecast the past best, and once more.

The memory and the spread of forecasts are chosen by the log score of forecasts that are made inside the past, at many months
and over several horizons, each from what was known before it (prequential likelihood: Dawid 1984). So the intervals are as wide
as forecasts were wrong: drift, bursts and the error of what was estimated are all in it.
"""

from __future__ import annotations

from datetime import date

import msgspec
import numpy as np
from scipy.optimize import minimize

from planner.risk.counts import log_chance
from planner.risk.groups import fit_groups, rates, unsure
from planner.risk.history import DAYS_PER_MONTH, Codes, Floats, History
from planner.risk.memory import Memory, MemoryShape, fading, index, remember
from planner.risk.model import Outcome, OutcomeModel, RiskModel
from planner.risk.prior import prior

HORIZONS = (1, 3, 6, 12)
"""Months ahead that the memory is chosen for."""

FIRST_ORIGIN = 6
"""Months that are known before the first forecast inside the past; a third of a short history."""

LARGEST_SAMPLE = 1_500
"""Elevators from which the memory's eight numbers are chosen; groups and states use all."""

PRIOR_SPREAD = 1.0
"""Of the log of each parameter about its prior: a factor of 2.7 either way is one standard deviation."""

_TRIALS = 350
_BLOCKS = 4
"""Times that the groups are fitted anew inside the past: otherwise they would know what they are to forecast."""
_PARAMETERS = tuple(name for name in MemoryShape.__struct_fields__ if name != "link")


def fit(history: History, until: date | None = None, like: RiskModel | None = None) -> RiskModel:
    """Fit both outcomes on the months before a day.

    Parameters
    ----------
    history
        At least one month of it lies before the day.
    until
        First day of a month that is not known; None = everything is known.
    like
        A model whose memory is taken over, so that only the groups are estimated.

    Returns
    -------
    RiskModel
        All that was estimated. The same history gives the same model, whatever the order of its rows was.
    """
    known = months_known(history, until)
    day = history.months[known] if known < len(history.months) else _after(history.months[-1])
    exposure = history.exposure[:, :known]
    counted = float(history.faults[:, :known].sum())
    faults, memory = fit_outcome(history, "faults", known, None, None if like is None else like.faults)
    entrapments = None
    if history.entrapments is not None:
        like_these = None if like is None else like.entrapments
        entrapments, _ = fit_outcome(history, "entrapments", known, np.log(memory.own), like_these)
    return RiskModel(
        fitted_on=day.isoformat(), elevators=len(history.elevators), months=known, exposure_days=float(exposure.sum()),
        counted_faults=counted, thin=counted < prior().least_faults.value, faults=faults, entrapments=entrapments,
        counted_entrapments=None if history.entrapments is None else float(history.entrapments[:, :known].sum()),
    )  # fmt: skip


def months_known(history: History, until: date | None) -> int:
    """Return how many months of the grid lie before a day."""
    if until is None:
        return len(history.months)
    return int(np.clip(history.month_of(until), 1, len(history.months)))


def _after(month: date) -> date:
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def fit_outcome(
    history: History, outcome: Outcome, known: int, log_link: Floats | None = None, like: OutcomeModel | None = None
) -> tuple[OutcomeModel, Memory]:
    """Fit one outcome; return it and the memory of all elevators.

    Parameters
    ----------
    log_link
        Log of each elevator's fault factor before each month, (elevators, known + 1); None for faults themselves.
    like
        A model whose memory is taken over.
    """
    shape, score = (prior().memory[outcome], 0.0) if like is None else (like.memory, like.log_score)
    if like is None and (ends := _block_ends(known)):
        blocks = [_Block(history, outcome, known, end, log_link, shape) for end in ends]
        shape, score = _choose(blocks, shape, log_link is not None)
    whole = _Block(history, outcome, known, known, log_link, shape)
    model = OutcomeModel(outcome=outcome, groups=whole.groups, memory=shape, log_score=score)
    return model, whole.remember(shape)


def _block_ends(known: int) -> list[int]:
    """Return the months at which the groups are fitted anew for the forecasts inside the past."""
    first = min(FIRST_ORIGIN, max(1, known // 3))
    if known <= first:
        return []
    return sorted({int(end) for end in np.linspace(first, known, min(_BLOCKS, known - first) + 1)[:-1]})


class _Block:
    """Forecasts inside the past from some months on, by groups that were fitted on what came before them."""

    def __init__(
        self, history: History, outcome: Outcome, known: int, end: int, log_link: Floats | None, shape: MemoryShape
    ) -> None:
        counts, exposure = counts_of(history, outcome), history.exposure
        linked = exposure[:, :end] if log_link is None else exposure[:, :end] * np.exp(shape.link * log_link[:, :end])
        self.groups = fit_groups(
            counts[:, :end], linked, history.factors, history.season, shape.own_shape, prior().per_day(outcome)
        )
        self.counts = counts[:, :known]
        self.expected = (exposure * rates(self.groups, history.factors, history.season))[:, :known]
        self.error = np.broadcast_to(unsure(self.groups, history.factors), exposure.shape)[:, :known]
        self.log_link = log_link
        self.origins: range = range(end, known)

    def remember(self, shape: MemoryShape) -> Memory:
        """Return what the elevators' own histories say against these groups."""
        if self.log_link is None:
            return remember(self.counts, self.expected, shape)
        return remember(self.counts, self.expected * np.exp(shape.link * self.log_link[:, : self.counts.shape[1]]), shape)

    def sampled(self, rows: Codes, until: int) -> _Block:
        """Keep some elevators, and the origins before a month; nothing else of this block is used again."""
        self.counts, self.expected, self.error = self.counts[rows], self.expected[rows], self.error[rows]
        self.log_link = None if self.log_link is None else self.log_link[rows]
        self.origins = range(self.origins.start, until)
        return self

    def score(self, shape: MemoryShape) -> tuple[float, float]:
        """Return the sum of log scores and their number, each forecast over h months counted 1 / √h times: they overlap."""
        memory = self.remember(shape)
        total = number = 0.0
        for horizon, origin in self._ahead():
            span = slice(origin, origin + horizon)
            expected = self.expected[:, span].sum(axis=1)
            watched = expected > 0
            mean = expected[watched] * ahead(memory, origin, float(horizon), shape)[watched]
            if self.log_link is not None:
                mean = mean * np.exp(shape.link * self.log_link[watched, origin])
            came = self.counts[watched, span].sum(axis=1)
            error = self.error[watched, origin] * memory.open[watched, origin] ** 2
            spread = index(memory.shape[watched, origin], error, float(horizon), shape)
            total += float(log_chance(came, mean, spread).sum()) / horizon**0.5
            number += len(came) / horizon**0.5
        return total, number

    def _ahead(self) -> list[tuple[int, int]]:
        months = self.counts.shape[1]
        return [
            (horizon, origin)
            for horizon in HORIZONS
            for origin in self.origins
            if origin + horizon <= months and (horizon == 1 or (origin - self.origins.start) % 2 == 0)
        ]


def counts_of(history: History, outcome: Outcome) -> Floats:
    """Return the counts of an outcome; zeros where nobody counts it."""
    if outcome == "faults":
        return history.faults
    return history.entrapments if history.entrapments is not None else np.zeros_like(history.faults)


def _choose(blocks: list[_Block], start: MemoryShape, linked: bool) -> tuple[MemoryShape, float]:
    """Return the memory with the best forecasts of the past, held to its prior where the past is short."""
    elevators = len(blocks[0].counts)
    sample = np.linspace(0, elevators - 1, min(elevators, LARGEST_SAMPLE)).astype(np.intp)
    seen = sample[(blocks[0].expected[sample] > 0).any(axis=1)]
    ends = [block.origins.start for block in blocks[1:]] + [blocks[0].counts.shape[1]]
    past = [block.sampled(seen, end) for block, end in zip(blocks, ends, strict=True)]
    names = (*_PARAMETERS, "link") if linked else _PARAMETERS
    centre = np.log([getattr(start, name) for name in names])

    def scored(shape: MemoryShape) -> tuple[float, float]:
        found = [block.score(shape) for block in past]
        return sum(total for total, _ in found), sum(number for _, number in found)

    def loss(logs: Floats) -> float:
        total, number = scored(_shape(start, names, logs))
        return float(-(total - 0.5 * (((logs - centre) / PRIOR_SPREAD) ** 2).sum()) / max(number, 1.0))

    found = minimize(
        loss, centre, method="Nelder-Mead", options={"maxfev": _TRIALS, "xatol": 0.02, "fatol": 1e-5, "adaptive": True}
    )
    best = _shape(start, names, found.x)
    total, number = scored(best)
    return best, round(total / number, 6) if number else 0.0


def _shape(start: MemoryShape, names: tuple[str, ...], logs: Floats) -> MemoryShape:
    values = {name: round(float(value), 6) for name, value in zip(names, np.exp(np.clip(logs, -7, 7)), strict=True)}
    return msgspec.structs.replace(start, **values)


def ahead(memory: Memory, origin: int, months: float, shape: MemoryShape) -> Floats:
    """Return the factor on the groups' rate over some months from an origin on."""
    result: Floats = memory.own[:, origin] * (1 + (memory.recent[:, origin] - 1) * fading(months, shape))
    return result


def months_in(days: float) -> float:
    """Return days as months."""
    return days / DAYS_PER_MONTH

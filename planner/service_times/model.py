"""The model: a visit's time is the pack's, times a factor for the firm, class, group, site, elevator and technician.

On the logarithm the factors add up, and each is shrunk towards 1 by how little was seen of it (partial pooling: Gelman and
Hill, Data Analysis Using Regression and Multilevel/Hierarchical Models, 2007, chapter 12). Spreads are estimated with the
factors, from a belief that counts as some differences seen (`limits.toml`), by expectation conditional maximisation. A visit
that lies far off weighs less, as under Student's t with four degrees of freedom (Lange, Little and Taylor, JASA 84, 1989): a
lunch inside a visit or a departure scanned late says little about the work.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from msgspec import Struct

from planner.service_times.evidence import Dwell
from planner.service_times.limits import EFFECTS, Effect, Limits

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

_FREEDOM = 4.0
"""Degrees of freedom of Student's t: tails heavy enough for lunches, light enough to stay efficient."""

_ROUNDS = 40
_STILL = 1e-4
"""Change of the largest factor's logarithm at which the estimate stands: a hundredth of a per cent of a visit."""

_EXACT = 1e-6
"""Relative rest of the equations."""


class Factor(Struct, frozen=True):
    """One factor's logarithm."""

    log: float
    sd: float
    """Standard deviation of what is still not known of it."""

    visits: float
    """Visits seen, by weight: old ones count less."""


class Model(Struct, frozen=True, kw_only=True):
    """What was learnt. Every number can be read; a factor that is not there is 1."""

    factors: dict[str, dict[str, Factor]]
    """Effect → name → factor."""

    spread: dict[str, float]
    """Effect → standard deviation of its factors' logarithms; `visit` for what differs from visit to visit."""

    mean_of_rest: float
    """Mean of what differs from visit to visit, as a factor (Duan's smearing estimate, JASA 78, 1983): a mean of times is
    longer than the time of a mean logarithm."""

    visits: int
    left_out: int

    def factor(self, effect: Effect, name: str) -> Factor:
        """Return a factor; 1 with the effect's whole spread where nothing was seen."""
        return self.factors.get(effect, {}).get(name) or Factor(0.0, self.spread[effect], 0.0)


class Expected(Struct, frozen=True, kw_only=True):
    """How long a visit is expected to take, seconds."""

    mean_s: int
    from_s: int
    """Eight visits in ten lie between these two."""

    to_s: int
    visits: float
    """Visits of this elevator seen, by weight."""


class _Levels:
    """All factors in one row: whose they are, and which of them each visit has (a sparse matrix of visits by factors)."""

    def __init__(self, dwells: Sequence[Dwell]) -> None:
        from scipy.sparse import csr_array

        self.names: list[tuple[Effect, str]] = []
        row: list[int] = []
        column: list[int] = []
        share: list[float] = []
        self.parts: dict[Effect, slice] = {}
        for effect in EFFECTS:
            names = [_names(each, effect) for each in dwells]
            levels = sorted({name for each in names for name in each})
            place = {name: len(self.names) + n for n, name in enumerate(levels)}
            self.parts[effect] = slice(len(self.names), len(self.names) + len(levels))
            self.names += [(effect, name) for name in levels]
            for number, each in enumerate(names):
                row += [number] * len(each)
                column += [place[name] for name in each]
                share += [1 / len(each)] * len(each)
        self.of_visits = csr_array((share, (row, column)), shape=(len(dwells), len(self.names)))
        self.squares = self.of_visits.power(2)
        self.is_in = (self.of_visits > 0).astype(float)
        self.turned = self.of_visits.T.tocsr()

    def solved(self, weight: Floats, prior: Floats, y: Floats, start: Floats, scale: Floats) -> Floats:
        """Solve Henderson's mixed model equations (Biometrics 31, 1975) for the factors, by conjugate gradients.

        The pack's time is the fixed part, so only factors are unknown; the matrix is never written down.
        """
        from scipy.sparse import diags_array
        from scipy.sparse.linalg import LinearOperator, cg

        def times(factors: Floats) -> Floats:
            product: Floats = self.turned @ (weight * (self.of_visits @ factors)) + prior * factors
            return product

        matrix = LinearOperator((len(prior), len(prior)), matvec=times, dtype=np.float64)
        found, _ = cg(matrix, self.turned @ (weight * y), x0=start, rtol=_EXACT, maxiter=500, M=diags_array(scale))
        solved: Floats = found
        return solved


def fit(dwells: Sequence[Dwell], limits: Limits, left_out: int = 0) -> Model:
    """Learn from visits.

    Parameters
    ----------
    dwells
        What `usable` left; their order does not matter. None at all gives the model in which every factor is 1.
    limits
        How to learn.
    left_out
        How many visits were no evidence, told on.
    """
    believed = {effect: limits.spread.of(effect) ** 2 for effect in EFFECTS}
    spread, noise = dict(believed), limits.spread.visit**2
    if not dwells:
        return _model({}, spread, noise, mean_of_rest=1.0, visits=0, left_out=left_out)
    dwells = sorted(dwells, key=lambda each: (each.elevator, each.age_days, each.dwell_s, each.technicians))
    levels = _Levels(dwells)
    y = np.log([each.dwell_s / each.pack_s for each in dwells])
    age = np.exp2(-np.array([each.age_days for each in dwells]) / limits.half_life_days)
    value = np.zeros(len(levels.names))
    rest, weight, variance = y, age, value
    for _ in range(_ROUNDS):
        weight = age * (_FREEDOM + 1) / (_FREEDOM + rest**2 / noise)
        prior = np.concatenate([np.full(part.stop - part.start, 1 / spread[effect]) for effect, part in levels.parts.items()])
        before = value
        variance = 1 / (levels.squares.T @ (weight / noise) + prior)
        value = levels.solved(weight / noise, prior, y, before, variance)
        rest = y - levels.of_visits @ value
        for effect, part in levels.parts.items():
            squares = value[part] ** 2 + variance[part]
            spread[effect] = _pooled(squares, limits.believed_as.of(effect), believed[effect])
        noise = _noise(weight, age, rest, levels.squares @ variance, limits)
        if np.max(np.abs(value - before)) < _STILL:
            break
    believed_in = limits.believed_as.visit
    mean_of_rest = float(((weight * np.exp(rest)).sum() + believed_in) / (weight.sum() + believed_in))
    seen = levels.is_in.T @ weight
    factors: dict[str, dict[str, Factor]] = {effect: {} for effect in EFFECTS}
    for n, (effect, name) in enumerate(levels.names):
        factors[effect][name] = Factor(float(value[n]), math.sqrt(variance[n]), float(seen[n]))
    return _model(factors, spread, noise, mean_of_rest=mean_of_rest, visits=len(dwells), left_out=left_out)


def expected(
    model: Model, limits: Limits, *, elevator: str, site: str, group: str, maintenance_class: str, pack_s: int,
    technicians: Sequence[str] = (),
) -> Expected:  # fmt: skip
    """Return how long a visit is expected to take.

    Parameters
    ----------
    model, limits
        What was learnt, and the bounds.
    elevator, site, group, maintenance_class
        What the visit is.
    pack_s
        Seconds that the rule pack has for the class.
    technicians
        Who will probably make it; none for the firm's mean technician.
    """
    parts = [
        model.factor("all", ""), model.factor("maintenance_class", maintenance_class), model.factor("group", group),
        model.factor("site", site), model.factor("elevator", elevator),
    ]  # fmt: skip
    log, variance = sum(part.log for part in parts), sum(part.sd**2 for part in parts)
    people = [model.factor("technician", name) for name in technicians]
    if people:
        log += sum(each.log for each in people) / len(people)
        variance += sum(each.sd**2 for each in people) / len(people) ** 2
    else:
        variance += model.spread["technician"] ** 2
    width = math.hypot(EIGHT_IN_TEN * math.sqrt(variance), _STUDENT * model.spread["visit"])
    least, most = limits.least_share * pack_s, limits.most_share * pack_s
    return Expected(
        mean_s=_minutes(min(max(pack_s * model.mean_of_rest * math.exp(log), least), most)),
        from_s=_minutes(pack_s * math.exp(log - width)), to_s=_minutes(pack_s * math.exp(log + width)),
        visits=model.factor("elevator", elevator).visits,
    )  # fmt: skip


EIGHT_IN_TEN, _STUDENT = 1.2816, 1.5332
"""Eight in ten lie within so many scales of the middle: of a normal law, and of Student's t with four degrees of freedom."""


def _minutes(seconds: float) -> int:
    return max(60, 60 * round(seconds / 60))


def _names(dwell: Dwell, effect: Effect) -> tuple[str, ...]:
    if effect == "technician":
        return dwell.technicians
    if effect == "all":
        return ("",)
    name: str = getattr(dwell, effect)
    return (name,)


def _pooled(squares: Floats, count: float, believed: float) -> float:
    """Return a variance: the mean square of what was seen, and the belief as `count` differences more."""
    return float((squares.sum() + count * believed) / (len(squares) + count))


def _noise(weight: Floats, age: Floats, rest: Floats, unsure: Floats, limits: Limits) -> float:
    """Return the variance from visit to visit, the scale of Student's t."""
    count = limits.believed_as.visit
    seen = (weight * rest**2).sum() + (age * unsure).sum()
    return float((seen + count * limits.spread.visit**2) / (age.sum() + count))


def _model(
    factors: dict[str, dict[str, Factor]], spread: Mapping[Effect, float], noise: float, *, mean_of_rest: float, visits: int,
    left_out: int,
) -> Model:  # fmt: skip
    deviations: dict[str, float] = {effect: math.sqrt(variance) for effect, variance in spread.items()}
    return Model(
        factors=factors, spread=deviations | {"visit": math.sqrt(noise)}, mean_of_rest=mean_of_rest, visits=visits,
        left_out=left_out,
    )  # fmt: skip

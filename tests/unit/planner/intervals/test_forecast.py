"""Use of the days to come: numbers by hand, and simulated use whose chances are known to hold."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from datetime import date, timedelta

import msgspec
import pytest

from planner.intervals.forecast import Outlook, UsePattern, pattern_of
from planner.intervals.rules import load_pack
from planner.intervals.student import quantile_above
from planner.intervals.wear import scaled
from tests.support.intervals import FIXED

LIMITS = load_pack(FIXED).forecast
MONDAY = date(2026, 9, 7)
EVEN = (400.0, 400.0, 400.0, 400.0, 400.0, 400.0, 400.0)
OFFICE = (500.0, 520.0, 510.0, 500.0, 540.0, 60.0, 20.0)


def pattern(values: list[float]) -> UsePattern:
    found = pattern_of({MONDAY + timedelta(days=i): value for i, value in enumerate(values)}, LIMITS)
    assert found is not None
    return found


def outlook(values: list[float]) -> Outlook:
    return Outlook(pattern=pattern(values), since=MONDAY + timedelta(days=len(values) - 1))


def test_each_weekday_has_the_mean_of_its_days() -> None:
    found = pattern([100.0, 200, 300, 400, 500, 60, 10, 140, 200, 300, 400, 500, 40, 30])
    assert found.means == (120.0, 200.0, 300.0, 400.0, 500.0, 50.0, 20.0)
    assert (found.by_weekday, found.days, found.first, found.last) == (True, 14, MONDAY, date(2026, 9, 20))
    assert found.per_day == pytest.approx(1590 / 7)


def test_the_variance_of_a_sum_is_that_of_its_days_and_of_their_means() -> None:
    weekdays = UsePattern(
        means=EVEN, variances=(100.0, 200.0, 300.0, 400.0, 500.0, 600.0, 700.0), counts=(4,) * 7, by_weekday=True, degrees=21,
        inflation=2.0,
    )  # fmt: skip
    ahead = Outlook(pattern=weekdays, since=date(2026, 9, 13))  # a Sunday
    # sixteen days: three Mondays and Tuesdays, two of the others
    own = 3 * 100 + 3 * 200 + 2 * (300 + 400 + 500 + 600 + 700)
    means = (9 * 100 + 9 * 200 + 4 * (300 + 400 + 500 + 600 + 700)) / 4
    assert ahead.mean(16) == 16 * 400
    assert ahead.variance(16) == pytest.approx(2.0 * (own + means))
    assert ahead.upper(16, 0.05) == pytest.approx(6400 + 1.7207 * math.sqrt(2.0 * (own + means)), rel=1e-4)


def test_the_day_is_the_last_one_within_the_chance() -> None:
    ahead = outlook([400 + 60 * math.sin(7.3 * i) for i in range(56)])
    days = ahead.days_within(8000, 0.05)
    assert days is not None
    assert ahead.chance(8000, days) <= 0.05 < ahead.chance(8000, days + 1)
    even = ahead.days_within(8000, 0.5)
    assert even is not None
    assert days < even
    assert ahead.mean(even) <= 8000 < ahead.mean(even + 1)


def test_the_rest_of_the_last_day_counts() -> None:
    ahead = outlook([400.0] * 56)
    morning = msgspec.structs.replace(ahead, rest=0.75)
    assert morning.mean(10) == ahead.mean(10) + 300


def test_holidays_are_left_out_and_those_to_come_are_the_busiest_weekday() -> None:
    days = {MONDAY + timedelta(days=i): OFFICE[i % 7] for i in range(56)}
    holiday = MONDAY + timedelta(days=30)
    with_one = days | {holiday: 5.0}
    plain = pattern_of(days, LIMITS)
    found = pattern_of(with_one, LIMITS, holidays={holiday}, upcoming=(date(2026, 11, 7),))
    assert plain is not None
    assert found is not None
    assert (found.days, found.means) == (55, plain.means)
    since = date(2026, 11, 1)
    extra = Outlook(pattern=found, since=since).mean(7) - Outlook(pattern=plain, since=since).mean(7)
    assert extra == pytest.approx(540 - 60)  # the holiday is a Saturday


def test_only_the_packs_whole_weeks_count() -> None:
    found = pattern([9_000.0] * 28 + [100.0] * 56)
    assert (found.days, found.per_day) == (56, 100.0)


def test_without_a_day_there_is_no_pattern_and_without_use_no_end() -> None:
    assert pattern_of({}, LIMITS) is None
    assert outlook([0.0] * 56).days_within(10, 0.05) is None


def test_a_short_history_is_one_kind_of_day_and_less_certain() -> None:
    few, many = outlook([400.0, 410, 390, 400, 400]), outlook([400.0, 410, 390, 400, 400, 395, 405] * 8)
    assert not few.pattern.by_weekday
    soon, late = few.days_within(8000, 0.05), many.days_within(8000, 0.05)
    assert soon is not None
    assert late is not None
    assert soon < late


def test_days_that_hang_together_make_a_sum_less_certain() -> None:
    rng = random.Random(3)  # noqa: S311 - simulated use, no secrets
    alone = [400 + rng.gauss(0, 60) for _ in range(56)]
    together, rest = [], 0.0
    for _ in range(56):
        rest = 0.8 * rest + 0.6 * rng.gauss(0, 60)
        together.append(400 + rest)
    assert pattern(alone).inflation < 2 < pattern(together).inflation


@pytest.mark.parametrize("values", [[400 + 150 * math.sin(5.1 * i) for i in range(n)] for n in (1, 4, 13, 14, 20, 56)])
@pytest.mark.parametrize("left", [50.0, 3_000.0, 8_000.0, 60_000.0])
def test_more_use_or_more_variance_never_moves_the_day_later(values: list[float], left: float) -> None:
    ahead = outlook(values)
    day = ahead.days_within(left, 0.05)
    assert day is not None
    for more in (
        outlook([value + 40 for value in values]),
        msgspec.structs.replace(ahead, pattern=scaled(ahead.pattern, 1.1)),
        _spread(ahead, 1.5),
        msgspec.structs.replace(ahead, pattern=msgspec.structs.replace(ahead.pattern, inflation=ahead.pattern.inflation * 1.5)),
        msgspec.structs.replace(ahead, pattern=msgspec.structs.replace(ahead.pattern, degrees=3)),
        msgspec.structs.replace(ahead, rest=1.0),
    ):
        other = more.days_within(left, 0.05)
        assert other is not None
        assert other <= day
    assert day <= (ahead.days_within(left, 0.5) or 0)
    assert (ahead.days_within(left * 0.9, 0.05) or 0) <= day


def _spread(ahead: Outlook, times: float) -> Outlook:
    variances = tuple(variance * times for variance in ahead.pattern.variances)
    return msgspec.structs.replace(ahead, pattern=msgspec.structs.replace(ahead.pattern, variances=variances))


def test_the_chance_grows_from_day_to_day() -> None:
    ahead = outlook([OFFICE[i % 7] * (1 + 0.2 * math.sin(3.7 * i)) for i in range(56)])
    chances = [ahead.chance(12_000, days) for days in range(35)]
    assert chances[0] < 0.01 < 0.5 < chances[-1]
    assert chances == sorted(chances)


def _independent(rng: random.Random, days: int) -> list[float]:
    return [OFFICE[i % 7] * rng.gammavariate(10, 0.1) for i in range(days)]


def _calm(rng: random.Random, days: int) -> list[float]:
    return [400 * rng.gammavariate(4, 0.25) for i in range(days)]


def _in_runs(rng: random.Random, days: int) -> list[float]:
    found, rest = [], rng.gauss(0, 1)
    for i in range(days):
        rest = 0.5 * rest + math.sqrt(0.75) * rng.gauss(0, 1)
        found.append(OFFICE[i % 7] * math.exp(0.3 * rest - 0.045))
    return found


def _by_weeks(rng: random.Random, days: int) -> list[float]:
    weeks = [rng.gauss(1, 0.15) for _ in range(days // 7 + 1)]
    return [OFFICE[i % 7] * max(0.0, weeks[i // 7]) * rng.gammavariate(30, 1 / 30) for i in range(days)]


@pytest.mark.parametrize("use", [_independent, _calm, _in_runs, _by_weeks])
@pytest.mark.parametrize("history", [28, 56])
def test_the_chance_that_is_promised_is_the_chance_that_is_kept(
    use: Callable[[random.Random, int], list[float]], history: int
) -> None:
    """Of 800 elevators each: what is passed with 5 % is passed by 2 to 9 %, with 20 % by 13 to 27 %."""
    rng = random.Random(20_261_125)  # noqa: S311 - simulated use, no secrets
    passed = {0.05: 0, 0.2: 0}
    for _ in range(800):
        ahead_days = rng.randint(10, 40)
        values = use(rng, history + ahead_days)
        ahead, total = outlook(values[:history]), sum(values[history:])
        for chance in passed:
            passed[chance] += total > ahead.upper(ahead_days, chance)
    assert 0.02 <= passed[0.05] / 800 <= 0.09
    assert 0.13 <= passed[0.2] / 800 <= 0.27


@pytest.mark.parametrize("history", [3, 7, 13])
def test_of_a_short_history_the_chance_is_kept_or_less(history: int) -> None:
    rng = random.Random(7)  # noqa: S311 - simulated use, no secrets
    late = 0
    for _ in range(800):
        values = _independent(rng, history + 60)
        day = outlook(values[:history]).days_within(9_000, 0.05)
        assert day is not None
        late += sum(values[history : history + day]) > 9_000
    assert late / 800 <= 0.05


def test_the_budget_of_the_day_chosen_is_passed_as_seldom_as_the_pack_allows() -> None:
    """By whole days the chosen day keeps the limit, and the day after would not."""
    rng, late, a_day_later = random.Random(11), 0, 0  # noqa: S311 - simulated use, no secrets
    for _ in range(800):
        values = _calm(rng, 56 + 80)
        day = outlook(values[:56]).days_within(8_000, 0.05)
        assert day is not None
        late += sum(values[56 : 56 + day]) > 8_000
        a_day_later += sum(values[56 : 57 + day]) > 8_000
    assert late / 800 <= 0.065
    assert a_day_later / 800 >= 0.035


def test_the_quantile_of_the_pack_is_that_of_its_degrees() -> None:
    ahead = outlook([400 + 30 * math.cos(4.4 * i) for i in range(56)])
    expected = ahead.mean(9) + quantile_above(0.05, ahead.pattern.degrees) * math.sqrt(ahead.variance(9))
    assert ahead.upper(9, 0.05) == pytest.approx(expected)

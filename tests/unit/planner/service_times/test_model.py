"""Service times: what is learnt from scans, and how little evidence moves little."""

from __future__ import annotations

import math
from random import Random
from typing import Any

import msgspec
import pytest

from planner.service_times.evidence import Dwell, group_of, usable
from planner.service_times.limits import limits
from planner.service_times.model import Model, expected, fit

LIMITS = limits()


def dwell(**given: Any) -> Dwell:
    known: dict[str, Any] = {
        "elevator": "e", "site": "s", "group": "g", "maintenance_class": "half_month", "technicians": ("a",), "pack_s": 3600,
        "dwell_s": 3600, "least_s": 600, "age_days": 0.0,
    }  # fmt: skip
    return Dwell(**(known | given))


def mean_s(model: Model, **given: Any) -> int:
    asked: dict[str, Any] = {"elevator": "e", "site": "s", "group": "g", "maintenance_class": "half_month", "pack_s": 3600}
    return expected(model, LIMITS, **(asked | given)).mean_s


def made(seed: int, elevators: int, visits: int) -> tuple[list[Dwell], dict[str, float], dict[str, float]]:
    """Return visits of a firm whose truth is known: factors of elevators (with their sites) and of technicians."""
    chance = Random(seed)  # noqa: S311 - made-up visits
    sites = {f"s{n}": chance.gauss(0, 0.2) for n in range(elevators)}
    own = {f"e{n}": chance.gauss(0, 0.15) for n in range(elevators)}
    people = {f"t{n}": chance.gauss(0, 0.12) for n in range(20)}
    dwells = []
    for n, (elevator, factor) in enumerate(own.items()):
        site = f"s{n // 3}"
        for _ in range(visits):
            two = tuple(chance.sample(sorted(people), 2))
            log = 0.3 + factor + sites[site] + sum(people[t] for t in two) / 2 + chance.gauss(0, 0.3)
            if chance.random() < 0.03:
                log += 1.2  # a lunch, a departure scanned late
            dwells.append(dwell(elevator=elevator, site=site, technicians=two, dwell_s=round(3600 * math.exp(log))))
    return dwells, {e: own[e] + sites[f"s{n // 3}"] for n, e in enumerate(own)}, people


def test_without_any_visit_the_packs_time_is_expected() -> None:
    model = fit([], LIMITS)
    assert mean_s(model) == 3600
    assert expected(model, LIMITS, elevator="e", site="s", group="g", maintenance_class="year", pack_s=7200).mean_s == 7200


def test_one_long_visit_moves_the_expectation_by_less_than_it_was_longer() -> None:
    model = fit([dwell(dwell_s=7200)], LIMITS)
    assert 3600 < mean_s(model) < 6600
    assert mean_s(model) > mean_s(model, elevator="other", site="other")


def test_many_visits_of_one_length_are_believed() -> None:
    model = fit([dwell(dwell_s=5400, technicians=(f"t{n % 7}",)) for n in range(200)], LIMITS)
    assert mean_s(model) == pytest.approx(5400, rel=0.04)


def test_more_evidence_of_the_same_moves_further() -> None:
    means = [mean_s(fit([dwell(dwell_s=6000)] * count, LIMITS)) for count in (1, 3, 10, 50)]
    assert means == sorted(means)
    assert len(set(means)) == len(means)


def test_an_elevator_seen_often_is_known_better_than_one_never_seen() -> None:
    model = fit([dwell(dwell_s=4000)] * 30, LIMITS)
    seen = expected(model, LIMITS, elevator="e", site="s", group="g", maintenance_class="half_month", pack_s=3600)
    unseen = expected(model, LIMITS, elevator="x", site="y", group="g", maintenance_class="half_month", pack_s=3600)
    assert seen.to_s / seen.from_s < unseen.to_s / unseen.from_s
    assert seen.visits > 20
    assert unseen.visits == 0


def test_a_known_truth_is_found_again_in_spite_of_lunches() -> None:
    dwells, elevators, people = made(5, 240, 8)
    model = fit(usable(dwells, LIMITS)[0], LIMITS)
    of_elevator = {e: model.factor("elevator", e).log + model.factor("site", d.site).log for d in dwells for e in (d.elevator,)}
    wrong = [of_elevator[e] - truth for e, truth in elevators.items()]
    assert _rms(wrong) < 0.6 * _rms(list(elevators.values()))
    assert _rms([model.factor("technician", t).log - truth for t, truth in people.items()]) < 0.6 * _rms(list(people.values()))
    assert model.spread["visit"] == pytest.approx(0.3, abs=0.05)


def test_eight_new_visits_in_ten_lie_in_the_interval() -> None:
    dwells, _, _ = made(6, 240, 10)
    chance = Random(1)  # noqa: S311 - made-up visits
    kept = [each for each in dwells if chance.random() < 0.8]
    model = fit(usable(kept, LIMITS)[0], LIMITS)
    inside = 0
    left = [each for each in dwells if each not in kept]
    for each in left:
        told = expected(
            model, LIMITS, elevator=each.elevator, site=each.site, group=each.group, maintenance_class=each.maintenance_class,
            pack_s=each.pack_s, technicians=each.technicians,
        )  # fmt: skip
        inside += told.from_s <= each.dwell_s <= told.to_s
    assert 0.75 < inside / len(left) < 0.87


def test_the_expectation_is_the_mean_of_new_visits_and_not_their_middle() -> None:
    chance = Random(2)  # noqa: S311 - made-up visits
    logs = [chance.gauss(0, 0.4) for _ in range(600)]
    model = fit([dwell(dwell_s=round(3600 * math.exp(log)), technicians=(f"t{n % 9}",)) for n, log in enumerate(logs)], LIMITS)
    truth = 3600 * sum(math.exp(log) for log in logs) / len(logs)
    assert mean_s(model) == pytest.approx(truth, rel=0.04)
    assert truth > 3600 * 1.05


def test_the_order_of_visits_does_not_matter() -> None:
    dwells, _, _ = made(7, 12, 4)
    there, back = fit(dwells, LIMITS), fit(dwells[::-1], LIMITS)
    assert there == back


def test_a_slow_team_does_not_make_its_elevators_slow() -> None:
    chance = Random(3)  # noqa: S311 - made-up visits
    dwells = []
    for n in range(400):
        slow = n % 2 == 0
        elevator = f"e{n % 40}"  # each team sees its own elevators, and a quarter of the other's
        if chance.random() < 0.25:
            elevator = f"e{(n + 1) % 40}"
        long = 1.4 if slow else 1 / 1.4
        dwells.append(dwell(elevator=elevator, site=elevator, technicians=("slow" if slow else "quick",),
                            dwell_s=round(3600 * long * math.exp(chance.gauss(0, 0.1)))))  # fmt: skip
    model = fit(dwells, LIMITS)
    people = model.factor("technician", "slow").log - model.factor("technician", "quick").log
    elevators = model.factor("elevator", "e0").log + model.factor("site", "e0").log
    others = model.factor("elevator", "e1").log + model.factor("site", "e1").log
    assert people > 2 * abs(elevators - others)


def test_old_evidence_weighs_less_than_new() -> None:
    old = [dwell(dwell_s=7200, age_days=3 * LIMITS.half_life_days)] * 10
    new = [dwell(dwell_s=3600)] * 10
    assert mean_s(fit(old + new, LIMITS)) < mean_s(fit([msgspec.structs.replace(d, age_days=0.0) for d in old] + new, LIMITS))


def test_no_evidence_however_strange_leaves_the_bounds() -> None:
    model = fit([dwell(dwell_s=35_000)] * 300, LIMITS)
    assert mean_s(model) == round(LIMITS.most_share * 3600 / 60) * 60
    model = fit([dwell(dwell_s=700)] * 1000, LIMITS)
    assert mean_s(model) == round(LIMITS.least_share * 3600 / 60) * 60


def test_forgotten_departures_and_visits_shorter_than_the_rule_are_counted_and_not_learnt_from() -> None:
    kept, left_out = usable([dwell(), dwell(dwell_s=599), dwell(dwell_s=40_000), dwell(technicians=())], LIMITS)
    assert kept == [dwell()]
    assert left_out == 3


@pytest.mark.parametrize(
    ("stops", "group"), [(None, "lift"), (6, "lift/1-6"), (7, "lift/7-15"), (30, "lift/16-30"), (31, "lift/31+")]
)
def test_elevators_are_alike_by_type_and_stops(stops: int | None, group: str) -> None:
    assert group_of("lift", stops, LIMITS) == group


def _rms(values: list[float]) -> float:
    return math.sqrt(sum(value**2 for value in values) / len(values))

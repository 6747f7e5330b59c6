"""Facts become a problem without faults; nothing that is due is lost in silence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
import pytest

from backend.rounds.facts import Facts, HoursFact, LastCrewFact, OrderFact, RoundFact
from backend.rounds.preferences import PREFERENCES
from backend.rounds.snapshot import OutCode, Snapshot, take_snapshot
from planner.intervals.rules import load_pack
from planner.rounds.problem import Visit, Window, parse_problem
from tests.support.plan_facts import day, elevator, facts, member, shift, uid, window


def one(elevator_values: dict[str, Any] | None = None, first: int = 0, last: int = 5, **values: Any) -> Snapshot:
    """A firm with one elevator due."""
    values.setdefault("windows", [window(1, first, last)])
    return take_snapshot(facts(elevators=[elevator(1, **(elevator_values or {}))], **values))


def visit(snapshot: Snapshot) -> Visit:
    [found] = snapshot.problem.visits
    return found


def out_codes(snapshot: Snapshot) -> dict[UUID, OutCode]:
    return {each.elevator: each.code for each in snapshot.out}


def order(number: int, on_day: int, **values: Any) -> OrderFact:
    given: dict[str, Any] = {
        "elevator": uid(number), "site": uid(1000 + number), "bank": "", "round": uid(900), "crew": uid(1), "day": day(on_day),
        "start_s": 36_000, "leave_s": 39_600,
    }  # fmt: skip
    return OrderFact(**(given | values))


def test_a_due_elevator_becomes_a_visit_with_the_pack_s_time_and_people() -> None:
    found = visit(one())
    rules = load_pack("cn-fixed-15").visit
    assert found.id == str(uid(1))
    assert (found.first_day, found.last_day) == (0, 5)
    assert found.service_s == rules.service_s["half_month"]
    assert found.people == rules.minimum_technicians
    assert (found.windows, found.skills, found.bank, found.mandatory) == ((), (), None, True)


def test_an_elevator_s_own_time_on_site_comes_before_the_pack_s() -> None:
    assert visit(one({"service_min": 95})).service_s == 95 * 60


def test_the_time_on_site_follows_the_class_that_is_due() -> None:
    yearly = visit(one(windows=[window(1, 0, 5, maintenance_class="year")]))
    assert yearly.service_s == load_pack("cn-fixed-15").visit.service_s["year"]


def test_a_site_s_access_hours_become_windows() -> None:
    found = visit(one({"access_hours": [HoursFact(50_000, 60_000), HoursFact(30_000, 40_000)]}))
    assert found.windows == (Window(from_s=30_000, to_s=40_000), Window(from_s=50_000, to_s=60_000))


def test_elevators_of_a_bank_share_its_guard_and_those_of_another_site_do_not() -> None:
    elevators = [elevator(n, bank="A", site=uid(1000 + n // 3)) for n in (1, 2, 3)]
    snapshot = take_snapshot(facts(elevators=elevators, windows=[window(n, 0, 5) for n in (1, 2, 3)]))
    banks = [each.bank for each in snapshot.problem.visits]
    assert banks[0] == banks[1] != banks[2]


def test_elevators_of_a_site_share_its_location() -> None:
    elevators = [elevator(n, site=uid(1000), lat=28.6) for n in (1, 2)]
    snapshot = take_snapshot(facts(elevators=elevators, windows=[window(1, 0, 5), window(2, 0, 5)]))
    assert len(snapshot.problem.locations) == 3  # two bases and the site


def test_the_crew_of_the_last_visit_is_preferred_a_little() -> None:
    found = visit(one(last_crews=[LastCrewFact(elevator=uid(1), crew=uid(2))]))
    assert found.crew_costs == {str(uid(2)): PREFERENCES.same_crew}


def test_a_last_crew_that_is_gone_is_no_preference() -> None:
    assert visit(one(last_crews=[LastCrewFact(elevator=uid(1), crew=uid(77))])).crew_costs == {}


def test_an_overdue_elevator_is_asked_for_with_its_true_window_beside_it() -> None:
    snapshot = one(first=-20, last=-4)
    assert (visit(snapshot).first_day, visit(snapshot).last_day) == (0, 9)
    assert (snapshot.items[0].first_day, snapshot.items[0].last_day, snapshot.items[0].bent) == (day(-20), day(-4), "overdue")


@pytest.mark.parametrize(
    ("values", "code", "detail"),
    [
        ({"lat": None}, OutCode.NO_POSITION, {}),
        ({"lon": None}, OutCode.NO_POSITION, {}),
        ({"rule_pack": "atlantis"}, OutCode.UNKNOWN_PACK, {"pack": "atlantis"}),
        ({"skills": ["escalator"]}, OutCode.NO_SKILL, {"skills": "escalator"}),
    ],
)
def test_what_cannot_be_planned_is_left_out_with_its_reason(
    values: dict[str, Any], code: OutCode, detail: dict[str, str]
) -> None:
    snapshot = one(values)
    assert snapshot.problem.visits == ()
    [out] = snapshot.out
    assert (out.code, out.mandatory, out.first_day, out.last_day) == (code, True, day(0), day(5))
    assert detail.items() <= out.detail.items()


def test_without_anybody_at_work_all_are_left_out_with_that_reason() -> None:
    assert out_codes(one(members=[])) == {uid(1): OutCode.NO_CREW}
    assert out_codes(one(crews=[])) == {uid(1): OutCode.NO_CREW}


def test_a_visit_that_needs_more_people_than_any_crew_has_is_left_out_with_the_numbers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = msgspec.structs.replace(load_pack("cn-fixed-15").visit, minimum_technicians=1)
    packs = {"cn-fixed-15": load_pack("cn-fixed-15"), "alone": msgspec.structs.replace(load_pack("cn-fixed-15"), visit=alone)}
    monkeypatch.setattr("backend.rounds.snapshot.load_pack", lambda name, _day: packs[name])
    elevators = [elevator(1), elevator(2, rule_pack="alone")]
    given = facts(elevators=elevators, windows=[window(1, 0, 5), window(2, 0, 5)], members=[member(1, 11), member(2, 21)])
    snapshot = take_snapshot(given)
    assert [each.id for each in snapshot.problem.visits] == [str(uid(2))]
    assert out_codes(snapshot) == {uid(1): OutCode.TOO_FEW_PEOPLE}
    assert snapshot.out[0].detail == {"needed": "2", "most": "1"}


def test_an_elevator_without_a_window_is_named() -> None:
    snapshot = take_snapshot(facts(elevators=[elevator(1)]))
    assert out_codes(snapshot) == {uid(1): OutCode.NO_WINDOW}
    assert snapshot.out[0].first_day is None


def test_what_is_not_due_and_has_no_day_is_named_and_not_mandatory() -> None:
    snapshot = one(first=5, last=20, days=7)
    assert out_codes(snapshot) == {uid(1): OutCode.NO_DAY}
    assert not snapshot.out[0].mandatory


def test_a_published_elevator_is_kept_and_not_planned_twice() -> None:
    rounds = [RoundFact(id=uid(900), crew=uid(1), day=day(2), stops=1)]
    snapshot = one(orders=[order(1, 2)], rounds=rounds)
    assert snapshot.problem.visits == ()
    assert [(each.elevator, each.round, each.day) for each in snapshot.kept] == [(uid(1), uid(900), day(2))]
    assert snapshot.out == ()
    assert snapshot.rounds == tuple(rounds)


def test_an_elevator_published_after_its_last_day_is_named_as_well() -> None:
    snapshot = one(last=1, orders=[order(1, 2)])
    assert out_codes(snapshot) == {uid(1): OutCode.PUBLISHED_LATE}
    assert snapshot.out[0].detail == {"day": day(2).isoformat()}


def test_a_published_day_of_a_crew_is_not_planned_again() -> None:
    snapshot = one(rounds=[RoundFact(id=uid(900), crew=uid(1), day=day(2), stops=1)])
    days = {snapshot.crew_of[each.id]: [shift.day for shift in each.shifts] for each in snapshot.problem.crews}
    assert days[uid(1)] == [0, 1, 3, 4, 7, 8, 9]
    assert days[uid(2)] == [0, 1, 2, 3, 4, 7, 8, 9]


def test_hours_in_which_a_neighbour_of_the_bank_is_published_are_kept_free() -> None:
    neighbour = order(2, 2, site=uid(1001), bank="A")
    found = visit(one({"bank": "A", "service_min": 60}, orders=[neighbour]))
    # A visit of an hour may end when the neighbour's begins at 36 000 s, or begin when it ends at 39 600 s.
    assert found.windows == (Window(from_s=0, to_s=36_000 - 3600), Window(from_s=39_600, to_s=172_800))


def test_a_neighbour_published_on_another_day_takes_no_hours() -> None:
    neighbour = order(2, 8, site=uid(1001), bank="A")
    assert visit(one({"bank": "A"}, orders=[neighbour])).windows == ()


def test_a_neighbour_of_another_bank_or_site_takes_no_hours() -> None:
    others = [order(2, 2, site=uid(1001), bank="B"), order(3, 2, site=uid(1003), bank="A"), order(4, 2, site=uid(1001))]
    assert visit(one({"bank": "A"}, orders=others)).windows == ()


def test_an_elevator_whose_hours_are_all_taken_by_its_bank_is_left_out() -> None:
    values = {"bank": "A", "service_min": 60, "access_hours": [HoursFact(34_000, 39_000)]}
    assert out_codes(one(values, orders=[order(2, 2, site=uid(1001), bank="A")])) == {uid(1): OutCode.BANK_TAKEN}


def test_a_crew_whose_people_differ_by_day_is_several_in_the_problem_and_one_outside() -> None:
    members = [member(1, 11), member(1, 12), member(1, 13, starts_on=day(3))]
    snapshot = one(members=[*members, member(2, 21), member(2, 22)])
    people = {each.id: (each.people, [shift.day for shift in each.shifts]) for each in snapshot.problem.crews}
    assert people[str(uid(1))] == (2, [0, 1, 2])
    assert people[f"{uid(1)}/2"] == (3, [3, 4, 7, 8, 9])
    assert snapshot.crew_of[f"{uid(1)}/2"] == uid(1)


def _busy_firm() -> Facts:
    elevators = [
        elevator(n, bank="A" * (n % 3 == 0), site=uid(1000 + n // 3), lat=28.6 + n // 3 / 1000, skills=["traction"] * (n % 2),
                 access_hours=[HoursFact(32_400, 57_600)] * (n % 4 == 0))
        for n in range(1, 40)
    ]  # fmt: skip
    windows = [
        window(n, n % 9 - 5, n % 9 - 5 + n % 13, maintenance_class=["half_month", "quarter"][n % 2]) for n in range(1, 39)
    ]
    nights = [shift(2, weekday, from_s=72_000, to_s=100_000) for weekday in range(7)]
    return facts(
        elevators=elevators, windows=windows, shifts=[*facts().shifts[:5], *nights],
        orders=[order(3, 2, site=uid(1001), bank="A")], rounds=[RoundFact(id=uid(900), crew=uid(1), day=day(2), stops=1)],
        last_crews=[LastCrewFact(elevator=uid(5), crew=uid(1))],
        members=[*facts().members, member(1, 13, starts_on=day(3), skills=["hydraulic"])],
    )  # fmt: skip


def test_the_problem_has_no_faults_and_its_file_reads_back_the_same() -> None:
    problem = take_snapshot(_busy_firm()).problem
    assert parse_problem(msgspec.json.encode(problem)) == problem


def test_every_elevator_is_asked_for_kept_or_left_out_with_a_reason() -> None:
    given = _busy_firm()
    snapshot = take_snapshot(given)
    asked = {each.elevator for each in snapshot.items}
    kept, left_out = {each.elevator for each in snapshot.kept}, {each.elevator for each in snapshot.out}
    assert asked | kept | left_out == {each.id for each in given.elevators}


def test_the_same_facts_in_another_order_give_the_same_hash() -> None:
    given = _busy_firm()
    turned = msgspec.structs.replace(
        given, elevators=given.elevators[::-1], windows=given.windows[::-1], members=given.members[::-1],
        crews=given.crews[::-1], shifts=given.shifts[::-1],
    )  # fmt: skip
    assert take_snapshot(turned).sha256() == take_snapshot(given).sha256()


def test_a_reason_in_other_words_does_not_change_the_hash_and_another_day_does() -> None:
    before = one().sha256()
    assert one(windows=[window(1, 0, 5, reason_en="other words")]).sha256() == before
    assert one(windows=[window(1, 0, 6)]).sha256() != before


def test_a_snapshot_survives_being_stored_as_json() -> None:
    snapshot = take_snapshot(_busy_firm())
    stored = msgspec.json.decode(msgspec.json.encode(msgspec.to_builtins(snapshot)))
    read = msgspec.convert(stored, Snapshot)
    assert read == snapshot
    assert read.sha256() == snapshot.sha256()

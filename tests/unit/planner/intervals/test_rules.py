"""Reading rule packs: the two of this version, and every fault that a pack can have."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from importlib import resources

import pytest

from planner.intervals.items import CLASSES
from planner.intervals.pack_faults import rules_of
from planner.intervals.reader import limits_of
from planner.intervals.rules import FaultyInputError, UnknownPackError, load_pack, pack_ids, parse_pack
from tests.support.intervals import FIXED, ON_DEMAND


def text_of(pack_id: str) -> str:
    return resources.files("planner.intervals").joinpath("packs", f"{pack_id}.toml").read_text("utf-8")


def faults(text: str, name: str = FIXED) -> list[str]:
    with pytest.raises(FaultyInputError) as caught:
        parse_pack(text, name)
    return [str(fault) for fault in caught.value.faults]


def changed(pack_id: str, *changes: tuple[str, str]) -> str:
    text = text_of(pack_id)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def test_the_eight_packs_of_this_version_are_without_fault() -> None:
    assert set(pack_ids()) == {FIXED, ON_DEMAND, "cn-on-demand-filed", "hk", "sg", "sg-rmd", "asme-mcp", "en-13015"}
    for pack_id in pack_ids():
        assert load_pack(pack_id).id == pack_id


def test_the_fixed_pack_holds_the_intervals_of_the_law_and_of_planning() -> None:
    pack = load_pack(FIXED)
    assert pack.visit_gap.days == 15
    assert [pack.class_gaps.of(name).days for name in CLASSES] == [15, 90, 180, 365]
    assert pack.on_demand is None
    assert pack.fixed is pack
    assert len(pack.stop_use_conditions) == 5
    assert pack.visit.minimum_technicians == 2


def test_the_on_demand_pack_stretches_visits_and_half_month_items_only() -> None:
    pack, fixed = load_pack(ON_DEMAND), load_pack(FIXED)
    assert (pack.visit_gap.days, pack.class_gaps.half_month.days) == (30, 30)
    assert [pack.class_gaps.of(name) for name in CLASSES[1:]] == [fixed.class_gaps.of(name) for name in CLASSES[1:]]
    assert (pack.special_checks, pack.seasons, pack.self_check) == (fixed.special_checks, fixed.seasons, fixed.self_check)
    assert pack.fixed == fixed
    assert pack.on_demand is not None
    assert [condition.key for condition in pack.on_demand.conditions] == [f"E{n}" for n in range(1, 10)]
    assert len(pack.on_demand.triggers) == 12


def test_every_limit_names_clause_source_region_date_and_mark() -> None:
    for pack_id in pack_ids():
        pack = load_pack(pack_id)
        for path, rule in rules_of(pack):
            assert rule.source in pack.sources, path
            assert rule.clause_zh, path
            assert rule.clause_en, path
            assert rule.region.startswith(pack.region), path
            assert rule.mark in ("verified", "expert", "design"), path


def test_sample_budgets_say_in_their_own_words_that_they_are_no_law() -> None:
    for budget in load_pack(FIXED).wear_budgets:
        assert budget.sample
        assert budget.mark == "design"
        assert "Sample value" in budget.clause_en
        assert "示例值" in budget.clause_zh


def test_an_unknown_pack_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownPackError, match=r"no rule pack 'cn-weekly'; there are cn-fixed-15, cn-on-demand-30"):
        load_pack("cn-weekly")
    with pytest.raises(UnknownPackError):
        load_pack("../rules")


def test_all_faults_of_the_shape_are_named_together() -> None:
    text = changed(
        FIXED,
        ("days = 15", 'days = "fifteen"'),
        ("share = 0.6", "share = 1.6"),
        ("minimum_technicians = 2", "minimum_technicans = 2"),
    )
    found = faults(text)
    assert any(fault.startswith("visit_gap.days: must be an integer") for fault in found)
    assert any(fault.startswith("first_day.share: must be 1 or less") for fault in found)
    assert any("visit.minimum_technicans: unknown field; did you mean minimum_technicians?" in fault for fault in found)
    assert any(fault.startswith("visit.minimum_technicians: missing") for fault in found)


def test_what_is_no_toml_is_said_with_its_place() -> None:
    assert faults("id = ")[0].startswith("cn-fixed-15: the file is not TOML")


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (('id = "cn-fixed-15"', 'id = "cn-fixed-16"'), "id", "give both the same name"),
        (('source = "order-549"', 'source = "order-594"'), "visit_gap.source", "name one of sources"),
        (('id = "first_day"', 'id = "visit_gap"'), "first_day.id", "used twice"),
        (('title_zh = "定期维保（15日）"', 'title_zh = " "'), "title_zh", "is empty"),
        (("days = 90", "days = 9"), "class_gaps.quarter.days", "a higher class has no shorter gap"),
        (("days = 15", "days = 20"), "class_gaps.half_month.days", "every visit does these items"),
        (('item = "A-4-06"', 'item = "A-4-66"'), "special_checks[0].item", "no item A-4-66"),
        (("{ up_to_years = 15, months = 24 }", "{ months = 24 }"), "special_checks[0].bands", "the last has none"),
        (("month = 4\nday = 15", "month = 2\nday = 29"), "seasons[0].day", "no day 2-29 in every year"),
        (('items = ["D-2-05"]', "items = []"), "seasons[0].items", "name the items"),
        (('driver = "door_cycles"', 'driver = "doors"'), "wear_budgets[0].driver", "use one of door_cycles"),
        (
            ('period = "quarter"\ncounter = "door_cycles"', 'period = "half_month"\ncounter = "door_cycles"'),
            "wear_budgets",
            "keep one",
        ),
        (('counter = "run_s"', 'counter = "run_s"\nitems = ["A-1-01"]'), "wear_budgets[3].items", "no quarter item"),
        (("year = 6000 }", "year = 60 }"), "visit.service_s", "it takes no less time"),
        (("half_month = 2100, ", ""), "visit.service_s", "give exactly half_month"),
        (("[visit.rules.geofence_radius_m]", "[visit.rules.geofence]"), "visit.rules.geofence", "there is no such number"),
        (('key = "handrail_obstacle"', 'key = "escalator_stop_missing"'), "stop_use_conditions", "stands twice"),
        (("hours = 48", "hours = 480"), "fall_back.past_due.hours", "more than the grace"),
        (("[sources.order-549]", 'base = "cn-fixed-15"\n[sources.order-549]'), "base", "is built on this pack"),
    ],
)
def test_a_pack_with_this_fault_is_refused(change: tuple[str, str], path: str, said: str) -> None:
    found = faults(changed(FIXED, change))
    assert any(fault.startswith(path) and said in fault for fault in found), found


@pytest.mark.parametrize(
    ("change", "path", "said"),
    [
        (('base = "cn-fixed-15"\n', ""), "", "missing"),
        (('base = "cn-fixed-15"', 'base = "cn-none"'), "base", "no rule pack 'cn-none'"),
        (('base = "cn-fixed-15"', "base = 15"), "base", "as text"),
        (('base = "cn-fixed-15"', 'base = "cn-on-demand-30"'), "base", "is built on this pack"),
        (('key = "E3"', 'key = "E2"'), "on_demand.conditions", "E3 is missing"),
        (('key = "complaint"', 'key = "age"'), "on_demand.triggers", "complaint is missing"),
        (('worst_credit_class = "B"', 'worst_credit_class = "AAA"'), "on_demand.conditions[0]", "use one of A, B, C, D"),
        (('site_kinds = ["hospital", "school", "station"]\n', ""), "on_demand.conditions[7].site_kinds", "E8 reads it"),
        (('key = "E9"', 'key = "E9"\nhours = 3'), "on_demand.conditions[8].hours", "does not read this"),
        (('"temp_humidity"', '"smell"'), "on_demand.remote_check.signals", "no item has the signal 'smell'"),
    ],
)
def test_an_on_demand_pack_with_this_fault_is_refused(change: tuple[str, str], path: str, said: str) -> None:
    found = faults(changed(ON_DEMAND, change), ON_DEMAND)
    assert any(fault.startswith(path) and said in fault for fault in found), found


def test_the_year_class_is_never_stretched() -> None:
    gap = text_of(FIXED).partition("[class_gaps.year]")[2].partition("[first_day]")[0].split("# ----")[0]
    longer = text_of(ON_DEMAND).replace("[visit]\n", f"[class_gaps.year]{gap.replace('365', '400')}\n[visit]\n", 1)
    assert any(fault.startswith("class_gaps.year.days: is more than the base's") for fault in faults(longer, ON_DEMAND))


SOURCED = """clause_zh = "示例"
clause_en = "Example"
source = "design"
effective_from = 2026-11-01
region = "CN"
mark = "design"
"""
GOVERNOR = 'title_zh = "校验"\ntitle_en = "check"\nkey = "governor_speed"\n'
MINE = 'id = "mine"\nbase = "cn-fixed-15"\ntitle_zh = "我"\ntitle_en = "Mine"\neffective_from = 2026-11-01\n'
SEASON = 'title_zh = "季"\ntitle_en = "the season"\n'


@pytest.mark.parametrize(
    ("table", "path", "said"),
    [
        (
            f'[[special_checks]]\nid = "g"\n{GOVERNOR}item = "A-4-06"\nbands = [{{ months = 24 }}]\n',
            "special_checks[0].bands",
            "24 months at 16 years of use is more than the 12",
        ),
        (
            f'[[special_checks]]\nid = "g"\n{GOVERNOR}item = "A-4-06"\nbands = [{{ months = 12 }}]\n',
            "special_checks",
            "governor_speed of B-4-04 is missing",
        ),
        (
            f'[[seasons]]\nid = "s"\n{SEASON}items = ["D-2-05"]\nmonth = 8\nday = 15\nlead_days = 90\n',
            "seasons[0]",
            "looser for D-2-05",
        ),
        (
            f'[[seasons]]\nid = "s"\n{SEASON}items = ["D-2-05"]\nmonth = 4\nday = 15\nlead_days = 360\n',
            "seasons[0]",
            "looser for D-2-05",
        ),
        (
            f'[[seasons]]\nid = "s"\n{SEASON}items = ["D-2-05"]\nmonth = 4\nday = 15\nlead_days = 90\n',
            "seasons",
            "D-3-12 is missing",
        ),
        ('[self_check]\nid = "c"\nlead_days = 3\ncovers_days = 365\n', "self_check.lead_days", "less than the 15"),
        ('[self_check]\nid = "c"\nlead_days = 15\ncovers_days = 730\n', "self_check.covers_days", "more than the 365"),
    ],
)
def test_checks_seasons_and_the_self_check_are_never_stretched(table: str, path: str, said: str) -> None:
    on_demand = faults(f"{text_of(ON_DEMAND)}\n{table}{SOURCED}", ON_DEMAND)
    assert any(fault.startswith(f"{path}:") and said in fault for fault in on_demand), on_demand
    head = (
        'id = "mine"\nbase = "cn-fixed-15"\ntitle_zh = "我"\ntitle_en = "Mine"\nregion = "CN-ZJ"\neffective_from = 2026-11-01\n'
    )
    fixed = faults(f"{head}{table}{SOURCED}", "mine")
    assert any(fault.startswith(f"{path}:") and said in fault for fault in fixed), fixed


def test_a_factor_of_a_programme_names_its_source_too_and_is_read_on_its_own() -> None:
    text = text_of("asme-mcp")
    start = text.index("[[programme.factors]]")
    source = text.index("source = ", start)
    wrong = text[:source] + 'source = "nobody"' + text[text.index("\n", source) :]
    found = faults(wrong, "asme-mcp")
    assert any(fault.startswith("programme.factors[0].source: is 'nobody'") for fault in found), found
    limits = {limit.path: limit for limit in limits_of(load_pack("asme-mcp"))}
    assert "programme.factors[0]" in limits
    assert "factors" not in {number.name for number in limits["programme"].numbers}


def test_a_pack_of_another_province_has_seasons_of_its_own_and_stricter_checks_are_welcome() -> None:
    head = (
        'id = "mine"\nbase = "cn-fixed-15"\ntitle_zh = "我"\ntitle_en = "Mine"\nregion = "CN-BJ"\neffective_from = 2026-11-01\n'
    )
    season = f'[[seasons]]\nid = "s"\n{SEASON}items = ["D-2-05"]\nmonth = 6\nday = 1\nlead_days = 90\n{SOURCED}'
    check = '[self_check]\nid = "c"\nlead_days = 30\ncovers_days = 300\n'
    pack = parse_pack(f"{head}{season}{check}{SOURCED}", "mine")
    assert (pack.seasons[0].month, pack.self_check and pack.self_check.lead_days) == (6, 30)


def test_a_pack_takes_whole_limits_from_its_base_never_parts_of_one() -> None:
    only_days = changed(ON_DEMAND)
    start = only_days.index("[visit_gap]")
    only_days = only_days[:start] + "[visit_gap]\ndays = 30\n\n" + only_days[only_days.index("[class_gaps.half_month]") :]
    found = faults(only_days, ON_DEMAND)
    assert any(fault.startswith("visit_gap.clause_zh: missing") for fault in found)


def test_a_base_can_be_given_by_the_caller() -> None:
    texts: dict[str, str] = {"my-fixed": text_of(FIXED).replace('id = "cn-fixed-15"', 'id = "my-fixed"')}
    own = text_of(ON_DEMAND).replace("cn-on-demand-30", "my-demand").replace("cn-fixed-15", "my-fixed")
    lookup: Callable[[str], str] = texts.__getitem__
    pack = parse_pack(own, "my-demand", lookup)
    assert pack.base is not None
    assert pack.base.id == "my-fixed"
    assert pack.effective_from == date(2026, 11, 1)


def test_a_pack_of_fixed_intervals_may_be_built_on_another_and_an_on_demand_pack_on_that() -> None:
    gap = text_of(FIXED).partition("[visit_gap]")[2].partition("[class_gaps")[0].replace("days = 15", "days = 10")
    own = 'id = "strict"\nbase = "cn-fixed-15"\ntitle_zh = "严"\ntitle_en = "Strict"\nregion = "CN"\n'
    own += "effective_from = 2026-11-01\n"
    texts = {"strict": f"{own}[visit_gap]{gap}", FIXED: text_of(FIXED)}
    strict = parse_pack(texts["strict"], "strict", texts.__getitem__)
    assert (strict.visit_gap.days, strict.class_gaps, strict.base) == (10, load_pack(FIXED).class_gaps, None)
    assert strict.fixed is strict
    demand = text_of(ON_DEMAND).replace('base = "cn-fixed-15"', 'base = "strict"')
    pack = parse_pack(demand, ON_DEMAND, texts.__getitem__)
    assert pack.fixed == strict


def test_an_on_demand_pack_cannot_fall_back_to_another_on_demand_pack() -> None:
    own = (
        text_of(ON_DEMAND)
        .replace('id = "cn-on-demand-30"', 'id = "mine"')
        .replace('base = "cn-fixed-15"', 'base = "cn-on-demand-30"')
    )
    assert faults(own, "mine") == ["base: is cn-on-demand-30, which is on demand itself; name a pack of fixed intervals"]

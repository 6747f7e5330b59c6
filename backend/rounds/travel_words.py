"""Where a plan's travel times come from and what was missing, in both languages. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from backend.rounds.plan_views import PlanTravel, TravelNote
from backend.rounds.preferences import TRAVEL
from backend.rounds.reasons import Sentence
from backend.rounds.snapshot import Snapshot
from backend.travel.down import Down
from planner.travel.interface import Kind, Source, Stranded, Why
from planner.travel.kilometres import Measure

SOURCES = {
    Kind.ESTIMATE: Sentence(
        "Driving is estimated: straight line × {detour:g} at {speed:g} km/h, and {stop} min to park.",
        "行车时间为估算：直线距离 × {detour:g}，时速 {speed:g} 公里，另加停车 {stop} 分钟。",
    ),
    Kind.GIVEN: Sentence("Driving comes from a given matrix.", "行车时间来自给定的矩阵。"),
    Kind.OSRM: Sentence(
        "Driving comes from OSRM ({name}){date}, and {stop} min to park are added.",
        "行车时间来自 OSRM（{name}）{date}，另加停车 {stop} 分钟。",
    ),
    Kind.VALHALLA: Sentence(
        "Driving comes from Valhalla ({name}){date}, and {stop} min to park are added.",
        "行车时间来自 Valhalla（{name}）{date}，另加停车 {stop} 分钟。",
    ),
    Kind.ROADS: Sentence(
        "Driving comes from the roads of {name}{date}, and {stop} min to park are added.",
        "行车时间来自路网数据 {name}{date}，另加停车 {stop} 分钟。",
    ),
}

FALLEN_BACK = {
    Down.SILENT: Sentence("{wanted} did not answer ({why})", "{wanted} 没有应答（{why}）"),
    Down.ODD: Sentence("{wanted} gave no answer that can be used ({why})", "{wanted} 的应答无法使用（{why}）"),
    Down.DATA: Sentence("{wanted} cannot be read ({why})", "{wanted} 无法读取（{why}）"),
    Down.MISSING: Sentence("{wanted} cannot be read here ({why})", "本机无法读取 {wanted}（{why}）"),
}
ONLY_ESTIMATED = Sentence(
    ", so the driving of this plan is only estimated. `liftrounds doctor` tells when it can be asked again; then plan these"
    " days once more.",
    "，因此本计划的行车时间只是估算。可用 liftrounds doctor 检查其是否恢复，恢复后请重新规划这些日期。",
)

STRANDED = {
    Why.FAR_FROM_ROAD: Sentence(
        "{place} is {away} from any road: driving there is estimated. Move its position to the street where one parks.",
        "{place} 距最近的道路{away}：其行车时间为估算。请把位置移到可停车的路边。",
    ),
    Why.CUT_OFF: Sentence(
        "No road leads between {place} and the other places: driving there is estimated. Check its position, and that the road"
        " data cover it.",
        "{place} 与其他地点之间没有道路相通：其行车时间为估算。请检查其位置以及路网数据是否覆盖该处。",
    ),
    Why.NO_WAY_IN: Sentence(
        "No road leads to {place}: driving there is estimated. Check its position and the one-way streets beside it.",
        "没有道路可以驶入 {place}：其行车时间为估算。请检查其位置和附近的单行道。",
    ),
    Why.NO_WAY_OUT: Sentence(
        "No road leads away from {place}: driving from it is estimated. Check its position and the one-way streets beside it.",
        "没有道路可以驶离 {place}：其行车时间为估算。请检查其位置和附近的单行道。",
    ),
    Why.NO_POSITION: Sentence("{place} has no coordinates: add them.", "{place} 没有坐标：请补充。"),
}

LOST_PAIR = Sentence(
    "No way leads from {start} to {end}: driving is estimated there.",
    "从 {start} 到 {end} 没有通路：该段行车时间为估算。",
)
MORE_PAIRS = Sentence(
    "{count} more pairs of places have no way between them and are estimated.", "另有 {count} 对地点之间没有通路，均为估算。"
)

MEASURES = {
    Measure.ROADS: Sentence("Kilometres are those of the roads.", "公里数按道路计算。"),
    Measure.COORDINATES: Sentence("Kilometres are estimated from coordinates.", "公里数由坐标估算。"),
    Measure.DURATIONS: Sentence("Kilometres are estimated from driving time.", "公里数由行车时间估算。"),
}

PARTLY_ROADS = Sentence(
    "Kilometres are those of the roads where there are any, else estimated from coordinates.",
    "公里数按道路计算，无道路处由坐标估算。",
)


def travel_of_plan(snapshot: Snapshot, measure: Measure, names: Mapping[str, str]) -> PlanTravel:
    """Say where a plan's travel times come from, and name what could not be reached.

    Parameters
    ----------
    snapshot
        Of the run.
    measure
        How its kilometres came about.
    names
        What people call the problem's locations.
    """
    travel = snapshot.travel
    source = travel.source if travel is not None else Source(kind=Kind.ESTIMATE)
    notes: list[TravelNote] = []
    if travel is not None:
        if travel.fallen_back is not None:
            what = FALLEN_BACK[travel.fallen_back].filled(wanted=travel.wanted, why=travel.why)
            notes.append(_note(Sentence(what.en + ONLY_ESTIMATED.en, what.zh + ONLY_ESTIMATED.zh)))
        notes += [_stranded(each, names) for each in travel.stranded]
        called = [(names.get(each.start, each.start), names.get(each.end, each.end)) for each in travel.lost]
        notes += [_note(LOST_PAIR.filled(start=start, end=end)) for start, end in called]
        if travel.lost_pairs > len(travel.lost):
            notes.append(_note(MORE_PAIRS.filled(count=travel.lost_pairs - len(travel.lost))))
    told, how = _source(source), MEASURES[measure]
    if source.kind is not Kind.ESTIMATE and measure is Measure.COORDINATES:
        how = PARTLY_ROADS
    return PlanTravel(
        kind=source.kind.value, source_en=f"{told.en} {how.en}", source_zh=told.zh + how.zh, attribution=source.attribution,
        measure=measure.value, notes=notes,
    )  # fmt: skip


def _source(source: Source) -> Sentence:
    sentence = SOURCES[source.kind]
    places = {"name": source.name, "detour": TRAVEL.detour, "speed": TRAVEL.speed_kmh, "stop": TRAVEL.stop_s // 60}
    day = source.data_date.isoformat() if source.data_date else ""
    en = sentence.en.format(**places, date=f" of {day}" if day else "")
    return Sentence(en, sentence.zh.format(**places, date=f"（{day} 的数据）" if day else ""))


def _stranded(each: Stranded, names: Mapping[str, str]) -> TravelNote:
    away = Sentence("far", "很远") if each.road_m is None else Sentence(f"{each.road_m} m", f" {each.road_m} 米")
    place, sentence = names.get(each.place, each.place), STRANDED[each.why]
    told = Sentence(sentence.en.format(place=place, away=away.en), sentence.zh.format(place=place, away=away.zh))
    return _note(told, None if each.place.startswith("base:") else UUID(each.place))


def _note(told: Sentence, site: UUID | None = None) -> TravelNote:
    return TravelNote(text_en=told.en, text_zh=told.zh, site=site)

"""Can a monitor's data be relied on: gaps, stuck values, the device's clock, faults of the monitor itself.

`assess` holds the evidence (`planner.intervals.health_evidence`) against a pack's limits and yields a state with its reasons.
Silence is risk: fewer hours with a record never improve the state.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from planner.intervals.health_evidence import HealthFacts
from planner.intervals.pack_health import DataHealth
from planner.intervals.receipt import Input, Text
from planner.intervals.wording import COUNTER_NAMES

HealthState = Literal["good", "degraded", "not_usable"]

ReasonKey = Literal["gap", "online", "stuck", "frozen", "clock", "drift", "monitor_fault"]


class HealthReason(Struct, frozen=True, kw_only=True):
    """One thing that is wrong with the data."""

    key: ReasonKey
    state: HealthState
    """What it makes of the data: `degraded` or `not_usable`."""

    since: date | None
    text: Text
    inputs: tuple[Input, ...] = ()
    lasts: bool = False
    """Whether it is a gap that lasts."""


class Health(Struct, frozen=True, kw_only=True):
    """How far the data can be relied on."""

    state: HealthState
    reasons: tuple[HealthReason, ...]
    """The worst first."""

    @property
    def ends_longer_gaps(self) -> HealthReason | None:
        """The first reason for which longer gaps may not lean on the data."""
        return next((reason for reason in self.reasons if reason.state == "not_usable"), None)


def assess(facts: HealthFacts, limits: DataHealth) -> Health:
    """Hold evidence against a pack's limits."""
    found = [*_gaps(facts, limits), *_share(facts, limits), *_stuck(facts, limits), *_frozen(facts, limits)]
    found += [*_clock(facts, limits), *_monitor(facts)]
    reasons = tuple(sorted(found, key=lambda reason: reason.state != "not_usable"))
    return Health(state=reasons[0].state if reasons else "good", reasons=reasons)


def when(at: datetime) -> str:
    """Write a local hour."""
    return at.strftime("%Y-%m-%d %H:%M")


def _gaps(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    too_long = [gap for gap in facts.gaps if gap.hours >= limits.gap_hours]
    found = []
    for gap in sorted(too_long, key=lambda gap: -gap.hours)[:3]:
        ends_zh, ends_en = ("现在", "now") if gap.ends_at is None else (when(gap.ends_at), when(gap.ends_at))
        begins = when(gap.begins_at)
        found.append(
            HealthReason(
                key="gap", state="not_usable", since=gap.begins_at.date(),
                text=Text(
                    f"监测数据缺失{gap.hours}小时（{begins}至{ends_zh}），上限{limits.gap_hours}小时",
                    f"no data from the monitor for {gap.hours} h ({begins} to {ends_en}); the limit is {limits.gap_hours} h",
                ),
                inputs=(
                    Input(name=Text("数据缺失自", "gap from"), value=begins),
                    Input(name=Text("至", "to"), value=when(gap.ends_at) if gap.ends_at else "–"),
                    *_share_input(facts),
                ),
                lasts=gap.ends_at is None,
            )
        )  # fmt: skip
    return found


def _share_input(facts: HealthFacts) -> tuple[Input, ...]:
    share = facts.online_share
    return () if share is None else (Input(name=Text("在线率", "online share"), value=f"{share:.1%} ({facts.hours} h)"),)


def _share(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    share = facts.online_share
    if share is None:
        return []
    # Of a monitor that is new a few lost hours are a large share of little: they are held against the whole time.
    counted = 1 - (facts.hours - facts.hours_seen) / max(facts.hours, limits.within_days * 24)
    if counted >= limits.least_online:
        return []
    unusable = counted < limits.worst_online
    least = limits.worst_online if unusable else limits.least_online
    text = Text(
        f"监测在线率{share:.1%}，低于{least:.0%}（{facts.hours}小时内）",
        f"the monitor was online for {share:.1%} of {facts.hours} h, less than {least:.0%}",
    )
    since = None if facts.watched_since is None else facts.watched_since.date()
    return [
        HealthReason(
            key="online", state="not_usable" if unusable else "degraded", since=since, text=text, inputs=_share_input(facts)
        )
    ]


def _stuck(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    found = []
    for one in facts.stuck:
        name = COUNTER_NAMES.get(one.counter, Text(one.counter, one.counter))
        zh, en = f"{name.zh}自{one.since}起{one.days}日无增长", f"{name.en} did not grow for {one.days} days since {one.since}"
        if one.days >= limits.stuck_days and one.beside >= limits.stuck_beside:
            why = Text("而其他计数仍在增长", "while other counters did")
        elif one.days >= limits.stuck_days and one.faults:
            why = Text("而电梯仍有故障上报", "while the elevator reported faults")
        elif one.chance < limits.zero_chance:
            why = Text("而按以往同星期日的使用量几乎不可能", "which use on the same days of the week before rules out")
        else:
            continue
        inputs = (
            Input(name=Text("计数停滞自", "no growth since"), value=one.since.isoformat()),
            Input(name=Text("其他计数同期增长", "growth of another counter"), value=str(one.beside)),
            Input(name=Text("无使用的概率", "chance of no use"), value=f"{one.chance:.1g}"),
        )
        text = Text(f"{zh}，{why.zh}", f"{en}, {why.en}")
        found.append(HealthReason(key="stuck", state="not_usable", since=one.since, text=text, inputs=inputs))
    return found


def _frozen(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    found = []
    for one in facts.frozen:
        if one.hours < limits.frozen_hours or one.records < limits.frozen_hours / 2:
            continue
        # A whole number may come from a sensor that tells no finer; a fraction that never moves comes from none.
        state: HealthState = "degraded" if one.value == int(one.value) else "not_usable"
        text = Text(
            f"测量值{one.gauge}自{one.since}起始终为{one.value:g}（{one.records}条记录）",
            f"{one.gauge} has been {one.value:g} to the last digit since {one.since} ({one.records} records)",
        )
        inputs = (Input(name=Text("数值不变自", "same value since"), value=one.since.isoformat()),)
        found.append(HealthReason(key="frozen", state=state, since=one.since, text=text, inputs=inputs))
    return found


def _clock(facts: HealthFacts, limits: DataHealth) -> list[HealthReason]:
    clock = facts.clock
    if clock is None or clock.samples < limits.least_samples:
        return []
    inputs = (
        Input(name=Text("设备与到达时间之差（中位数）", "device time against arrival (median)"), value=f"{clock.median_s} s"),
        Input(name=Text("四分位距", "spread (quartiles)"), value=f"{clock.spread_s} s"),
    )
    if clock.median_s < -limits.ahead_s:
        ahead = -clock.median_s
        text = Text(
            f"监测装置时钟快{ahead}秒，上限{limits.ahead_s}秒",
            f"the monitor's clock is {ahead} s ahead; the limit is {limits.ahead_s} s",
        )
        return [HealthReason(key="clock", state="not_usable", since=None, text=text, inputs=inputs)]
    if clock.median_s > limits.behind_s:
        text = Text(
            f"监测装置时钟慢或者数据迟到{clock.median_s}秒，上限{limits.behind_s}秒",
            f"the monitor's clock is behind, or its data late, by {clock.median_s} s; the limit is {limits.behind_s} s",
        )
        return [HealthReason(key="clock", state="not_usable", since=None, text=text, inputs=inputs)]
    drift = clock.drift_s_per_day
    if drift is None or abs(drift) <= limits.drift_s_per_day:
        return []
    text = Text(
        f"监测装置时钟每日漂移{drift:g}秒，上限{limits.drift_s_per_day}秒",
        f"the monitor's clock drifts by {drift:g} s a day; the limit is {limits.drift_s_per_day} s",
    )
    return [HealthReason(key="drift", state="degraded", since=None, text=text, inputs=inputs)]


def _monitor(facts: HealthFacts) -> list[HealthReason]:
    """Warn of faults of the monitor itself; however many, they never become work on the elevator.

    One that can no longer do its task shows it in gaps, values that stand still or its clock.
    """
    count = facts.monitor_faults
    if not count:
        return []
    text = Text(
        f"监测装置自身故障{count}次（监测期内）", f"the monitor itself reported {count} {'fault' if count == 1 else 'faults'}"
    )
    inputs = (Input(name=Text("监测装置故障次数", "faults of the monitor"), value=str(count)),)
    return [HealthReason(key="monitor_fault", state="degraded", since=None, text=text, inputs=inputs)]

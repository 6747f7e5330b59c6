"""The trips of a visit, held against the elevator's own usual traffic: a pause, doors that were tried, or traffic as usual."""

from collections.abc import Iterator
from datetime import timedelta
from math import ceil

import msgspec

from qr.elevator_patterns import ClassPattern, Limits, Pattern
from qr.elevator_span import Reading, Span
from qr.elevator_traces import Trace
from qr.elevator_traffic import (
    Expected,
    Stretch,
    chance_of_standstill,
    expected_of,
    longest_standstill_s,
    stretch_of,
    sure_standstill_s,
    usual_of,
)
from qr.errors import Bilingual

_MANY_LANDINGS = 40
"""Where nobody knows how many there are: trips to each of them are taken to be the work's own."""

_AGREE_S = 60
"""Two clocks that are known to agree still differ by so much."""

_CLOSE = 0.15
"""Ends that differ by at most this share are told as one number."""

_LEAST_TOLD = 0.001
"""Chances below this are told as this: the model is not that exact."""


class Compared(msgspec.Struct, frozen=True, kw_only=True):
    """What was counted during a visit, beside what is usual.

    Parameters
    ----------
    span, pattern, work, limits
        The visit, and what its work should leave.
    counter : str
        Whose growth is traffic.
    stretch : Stretch
        What was counted between the scans.
    around : tuple of Stretch
        Just before and just after.
    least, most : Expected
        What was to be expected, where the history leaves it open.
    """

    span: Span
    pattern: Pattern
    work: ClassPattern
    limits: Limits
    counter: str
    stretch: Stretch
    around: tuple[Stretch, ...]
    least: Expected
    most: Expected

    def traces(self) -> Iterator[Trace]:
        """Yield what traffic and doors are worth."""
        yield self._pause()
        yield from self._doors()

    def contradiction(self) -> Bilingual | None:
        """Return why traffic contradicts a visit, if it does: as usual, and without the pause that the work needs."""
        trips, limits = self.stretch.trips, self.limits
        if trips < limits.least_trips or self.least.between(self.most).at_most(trips) < limits.as_usual:
            return None
        counted = self._counted()
        stood_s = self._longest_standstill_s()
        if stood_s < self.work.standstill_s:
            stood, needed = ceil(stood_s / 60), self.work.standstill_s // 60
            return Bilingual(
                zh=f"正常运行未见中断：{counted.zh}；停歇不超过 {stood} 分钟，此类维保至少需停梯 {needed} 分钟。",
                en=f"Normal traffic all through: {counted.en}; it never stood still for more than {stood} min, and work of "
                f"this class needs {needed} min at the least.",
            )
        wrong = self.most.times(1 - self._out_share()).at_least(trips - self._own_trips())
        if wrong > limits.most_wrong:
            return None
        percent = f"{max(wrong, _LEAST_TOLD):.1%}"
        return Bilingual(
            zh=f"正常运行未见减少：{counted.zh}；真实维保留下这么多运行次数的概率不超过 {percent}。",
            en=f"Normal traffic all through: {counted.en}; a real visit leaves so many in at most {percent} of cases.",
        )

    def _counted(self) -> Bilingual:
        """Say what was counted and what is usual; where hourly records leave that open, from where to where it lies."""
        trips, least, most = self.stretch.trips, round(self.least.mean), round(self.most.mean)
        usual_zh = f"约 {least}" if most - least <= _CLOSE * most else f" {least} 至 {most}"
        usual_en = f"about {least}" if most - least <= _CLOSE * most else f"{least} to {most}"
        minutes = round((self.stretch.until - self.stretch.since).total_seconds() / 60)
        if self.counter == "run_s":
            return Bilingual(
                zh=f"{minutes} 分钟内运行 {trips:.0f} 分钟，同一时段平时{usual_zh} 分钟",
                en=f"{trips:.0f} min of running in {minutes} min; {usual_en} are usual at this hour",
            )
        return Bilingual(
            zh=f"{minutes} 分钟内运行 {trips:.0f} 次，同一时段平时{usual_zh} 次",
            en=f"{trips:.0f} trips in {minutes} min; {usual_en} are usual at this hour",
        )

    def _pause(self) -> Trace:
        """Say whether normal traffic paused; a quiet hour without trips proves nothing, nor do counters that stand still.

        Two questions are asked: were there too few trips, and did they leave too long a gap? Either may come by chance,
        so the smaller chance counts twice.
        """
        limits, counted = self.limits, self._counted()
        few = self.least.at_most(self.stretch.trips)
        stood_s = sure_standstill_s(self.span.inside(), self.counter)
        gap = chance_of_standstill(self.least, stood_s / (self.stretch.until - self.stretch.since).total_seconds())
        chance = min(1.0, 2 * min(few, gap))
        if chance > limits.unusual_pause:
            return Trace(0, Bilingual(zh=f"{counted.zh}：不足以说明停梯。", en=f"{counted.en}: that shows no pause."))
        if gap < few:
            minutes = int(stood_s / 60)
            counted = Bilingual(
                zh=f"{counted.zh}，其中连续 {minutes} 分钟停歇", en=f"{counted.en}, and none for {minutes} min on end"
            )
        if len(self.around) < 2 or not all(stretch.trips >= 1 for stretch in self.around):
            zh, en = "但尚无维保前后的计数变化可证明计数正常", "but no growth before and after it shows that the counter works"
            return Trace(0, Bilingual(zh=f"{counted.zh}，{zh}。", en=f"{counted.en}, {en}."))
        percent = f"{max(chance, _LEAST_TOLD):.1%}"
        return Trace(
            limits.pause_points if chance <= limits.rare_pause else limits.unusual_pause_points,
            Bilingual(
                zh=f"正常运行暂停：{counted.zh}（偶然如此的概率不超过 {percent}）。",
                en=f"Normal trips paused: {counted.en} (by chance in at most {percent} of such times).",
            ),
        )

    def _doors(self) -> Iterator[Trace]:
        """Say whether doors were tried: more door cycles beyond one a trip than usual."""
        if not self.pattern.doors or self.counter != "trips":
            return
        doors = stretch_of(self.span.inside(), "door_cycles", 1)
        if doors is None or (doors.since, doors.until) != (self.stretch.since, self.stretch.until):
            return
        past = [
            msgspec.structs.replace(each, growth={"extra": max(0, each.growth["door_cycles"] - each.growth["trips"])})
            for each in self.span.past
            if "door_cycles" in each.growth and "trips" in each.growth
        ]
        usual = usual_of(past, "extra", 1, self.limits)
        extra = doors.trips - self.stretch.trips
        expected = None if usual is None else expected_of(usual, self.stretch, (), self.limits)
        if expected is None or extra < self.limits.least_trips or expected[1].at_least(extra) > self.limits.rare_doors:
            return
        text = Bilingual(
            zh=f"开关门比运行次数多 {extra:.0f} 次，平时约多 {expected[1].mean:.0f} 次。",
            en=f"{extra:.0f} door cycles beyond one a trip; about {expected[1].mean:.0f} are usual.",
        )
        yield Trace(self.limits.doors_points, text)

    def _clock_slack_s(self) -> int:
        known = self.span.clock_off_s
        return self.limits.clock_slack_s if known is None else min(self.limits.clock_slack_s, known + _AGREE_S)

    def _longest_standstill_s(self) -> float:
        told = self.span.inside()[-1].counters
        both = [name for name in ("trips", "door_cycles") if name in told]
        counters = both if self.pattern.doors and len(both) == 2 else [self.counter]
        took_s = {name: 1.0 if name == "run_s" else self.limits.least_trip_s for name in counters}
        return longest_standstill_s(self.span, took_s, slack=timedelta(seconds=self._clock_slack_s()))

    def _out_share(self) -> float:
        """Return the share of what was counted for which a real visit keeps passengers out, at the least.

        The time that no reading covers may be just the time of the pause, and so may the difference of two clocks.
        """
        covered_s = (self.stretch.until - self.stretch.since).total_seconds()
        lasts_s = self.span.lasts.total_seconds()
        out_s = self.work.out_share * lasts_s - (lasts_s - covered_s) - self._clock_slack_s()
        return max(0.0, out_s / covered_s)

    def _own_trips(self) -> int:
        """Return how many trips the work itself makes, at the most: to each landing and back, and some more."""
        if self.counter == "run_s" or not self.pattern.doors:
            return self.pattern.own_trips
        landings = _MANY_LANDINGS if self.span.landings is None else self.span.landings
        return self.pattern.own_trips + 2 * landings


def compare(span: Span, pattern: Pattern, work: ClassPattern, limits: Limits) -> Compared | Bilingual:
    """Count the trips between the scans and what was to be expected of that time.

    Returns
    -------
    Compared or Bilingual
        The sentence says why nothing can be compared: too short, too coarse, too little history.
    """
    if span.lasts < timedelta(seconds=work.least_s):
        minutes = work.least_s // 60
        return Bilingual(
            zh=f"两次扫码间隔不足 {minutes} 分钟，不按运行次数判断。",
            en=f"Less than {minutes} min between the scans: the traffic of so short a time is not judged.",
        )
    inside = span.inside()
    counter = pattern.traffic(inside[-1].counters) if inside else None
    per = pattern.per.get(counter or "", 1)
    stretch = None if counter is None else stretch_of(inside, counter, per)
    if counter is None or stretch is None or (stretch.until - stretch.since) / span.lasts < limits.least_covered:
        return Bilingual(
            zh=f"两次扫码之间只有 {len(inside)} 条监测记录，过于稀疏，无法按运行次数判断。",
            en=f"{len(inside)} records of the monitor between the scans: too coarse to judge the traffic.",
        )
    around = _around(span, counter, per)
    usual = usual_of(span.past, counter, per, limits)
    expected = None if usual is None else expected_of(usual, stretch, around, limits)
    if expected is None:
        return Bilingual(
            zh=f"该时段的历史数据不足 {limits.least_weeks} 周，无法与平时对照。",
            en=f"Fewer than {limits.least_weeks} weeks are known of this hour of the week: nothing to compare with.",
        )
    return Compared(
        span=span, pattern=pattern, work=work, limits=limits, counter=counter, stretch=stretch, around=around,
        least=expected[0], most=expected[1],
    )  # fmt: skip


def _around(span: Span, counter: str, per: int) -> tuple[Stretch, ...]:
    parts: tuple[list[Reading], ...] = (
        [each for each in span.readings if each.at <= span.arrival],
        [each for each in span.readings if each.at >= span.departure],
    )
    found = [stretch_of(part, counter, per) for part in parts]
    return tuple(stretch for stretch in found if stretch is not None and stretch.until > stretch.since)

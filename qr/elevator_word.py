"""The elevator's own word on a visit: what its telemetry shows between the two scans, held against what the work should leave.

Three answers. *Corroborated*: traces that the work leaves and that hardly come by chance. *Contradicted*: the elevator carried
passengers as usual all through the visit and nowhere stood still for as long as the work needs. *Silent*: everything else, with
the reason. Missing, coarse or doubtful data is always silent: only what was measured can contradict, and only where nothing at
all speaks for the visit. More of what a visit leaves never lowers the answer.

It is never an accusation: a contradiction sends the visit to a person who looks at it. How often it is wrong is measured on
simulated fleets: docs/elevator-word.md.
"""

from datetime import timedelta

import msgspec

from qr.elevator_comparison import compare
from qr.elevator_patterns import Limits, Patterns, usual_patterns
from qr.elevator_span import Span
from qr.elevator_traces import Trace, clock_time, traces_of_events, traces_of_sweep
from qr.errors import Bilingual
from qr.evidence import ElevatorWord, Verdict


class Weighed(msgspec.Struct, frozen=True):
    """The word with its weights.

    Parameters
    ----------
    verdict : Verdict
        The word.
    points : int
        Of all traces that speak for the visit.
    traces : tuple of Trace
        The weightiest first; those of no points explain why nobody can tell.
    """

    verdict: Verdict
    points: int
    traces: tuple[Trace, ...]


def listen(span: Span, maintenance_class: str, equipment_type: str, patterns: Patterns | None = None) -> ElevatorWord:
    """Return what an elevator says about a visit.

    Parameters
    ----------
    span : Span
        What its telemetry tells.
    maintenance_class : str
        `half_month`, `quarter`, `half_year` or `year`.
    equipment_type : str
        As in the register: `traction_or_positive_drive_lift`, `escalator_or_moving_walk` …
    patterns : Patterns, optional
        What visits leave; those of this version if None.

    Returns
    -------
    ElevatorWord
        Corroborated, silent or contradicted, with at least one sentence in both languages.
    """
    weighed = weigh(span, maintenance_class, equipment_type, patterns)
    return ElevatorWord(weighed.verdict, tuple(trace.text for trace in weighed.traces))


def weigh(span: Span, maintenance_class: str, equipment_type: str, patterns: Patterns | None = None) -> Weighed:
    """Return the word with the points of each trace; parameters as of `listen`."""
    patterns = patterns or usual_patterns()
    deaf = _deaf(span, patterns.limits)
    if deaf is not None:
        return Weighed(Verdict.SILENT, 0, (Trace(0, deaf),))
    traces = list(traces_of_events(span, patterns))
    contradiction = None
    pattern = patterns.of(equipment_type, maintenance_class)
    if pattern is not None:
        compared = compare(span, *pattern, patterns.limits)
        if isinstance(compared, Bilingual):
            traces.append(Trace(0, compared))
        else:
            traces += compared.traces()
            contradiction = compared.contradiction()
        traces += traces_of_sweep(span, patterns.limits) if pattern[0].doors else ()
    if contradiction is not None and _is_off(span, patterns.limits):
        contradiction = None
        traces.append(Trace(0, _LATE))
    points = sum(trace.points for trace in traces)
    ordered = tuple(sorted(traces, key=lambda trace: -trace.points))
    if points >= patterns.limits.points_needed:
        return Weighed(Verdict.CORROBORATED, points, tuple(trace for trace in ordered if trace.points))
    if contradiction is not None and points == 0:
        return Weighed(Verdict.CONTRADICTED, 0, (Trace(0, contradiction),))
    return Weighed(Verdict.SILENT, points, ordered or (Trace(0, _NO_TRACE),))


_NO_TRACE = Bilingual(
    zh="监测数据中没有检修、停止服务或安全回路的记录。",
    en="Telemetry tells of no inspection mode, no pause of service and no opening of the safety chain.",
)


_LATE = Bilingual(
    zh="监测装置时钟慢或数据迟到，正常运行不作为反证。",
    en="The monitor's clock is behind, or its data comes late: normal traffic is not held against the visit.",
)


def _is_off(span: Span, limits: Limits) -> bool:
    return span.clock_off_s is not None and span.clock_off_s > limits.most_clock_off_s


def _deaf(span: Span, limits: Limits) -> Bilingual | None:
    """Return why telemetry cannot say anything at all, if so."""
    if span.lasts <= timedelta():
        return Bilingual(zh="离场不晚于到场，无法对照。", en="Departure was not after arrival: nothing to compare.")
    if not span.monitored:
        return Bilingual(zh="该电梯没有监测装置。", en="The elevator has no monitor.")
    if _is_off(span, limits) and not span.perhaps_late:
        minutes = round((span.clock_off_s or 0) / 60)
        return Bilingual(
            zh=f"监测装置的时钟偏差约 {minutes} 分钟，无法对照时间。",
            en=f"The monitor's clock is off by about {minutes} min: times cannot be compared.",
        )
    slack = timedelta(seconds=limits.clock_slack_s)
    heard = [*(each.at for each in span.readings), *(each.at for each in span.events)]
    if any(span.arrival - slack <= at <= span.departure + slack for at in heard) or (heard and max(heard) > span.departure):
        return None
    last = span.last_heard_at
    if last is None or last > span.departure:
        return Bilingual(zh="维保期间没有监测数据。", en="There is no telemetry of the time of the visit.")
    told = f"{last:%Y-%m-%d} {clock_time(last)}"
    return Bilingual(
        zh=f"维保期间没有监测数据；最后一次收到为 {told}。",
        en=f"There is no telemetry of the time of the visit yet; the monitor was last heard at {told}.",
    )

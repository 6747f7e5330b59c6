"""Traces that a visit leaves among an elevator's events and at its landings, each with its points and its sentence."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from itertools import pairwise

import msgspec

from qr.elevator_patterns import Limits, Patterns, Signal
from qr.elevator_span import Happened, Span
from qr.errors import Bilingual

MODES = ("inspection_mode", "out_of_service")
"""Signals that last until the elevator is back to normal."""

_ENDS = ("normal_mode", "mode_closed")
_LONGEST_MODE = timedelta(hours=24)
"""A mode that began longer ago without an end was ended and nobody told."""


class Trace(msgspec.Struct, frozen=True):
    """Something that was seen, or missed.

    Parameters
    ----------
    points : int
        What it is worth; 0 for what only explains.
    text : Bilingual
        One sentence.
    """

    points: int
    text: Bilingual


def clock_time(at: datetime) -> str:
    """Write a local time of day."""
    return at.strftime("%H:%M")


def traces_of_events(span: Span, patterns: Patterns) -> Iterator[Trace]:
    """Yield what the events of the visit are worth, signal by signal."""
    for name, signal in patterns.signals.items():
        trace = (_mode if name in MODES else _momentary)(span, signal, patterns.limits)
        if trace is not None:
            yield trace


def _window(span: Span, limits: Limits) -> Callable[[datetime], bool]:
    """Return whether an instant lies between the scans, as far as two clocks agree."""
    slack = timedelta(seconds=limits.clock_slack_s)
    return lambda at: span.arrival - slack <= at <= span.departure + slack


def _mode(span: Span, signal: Signal, limits: Limits) -> Trace | None:
    """Look for a mode that began or ended with the visit; one that lasted all through says less, for it may be a fault's."""
    inside = _window(span, limits)
    begun = [event for event in span.events if event.kind in signal.kinds]
    spells = [(event, _end_of(event, span.events)) for event in begun]
    spells = [(event, end) for event, end in spells if not _flickers(event, end, limits)]
    own = [(event, end) for event, end in spells if inside(event.at) or _ended_soon(event, end, inside)]
    if own:
        event, end = own[0]
        start, stop = clock_time(event.at), None if end is None else clock_time(end)
        text = Bilingual(
            zh=f"{start}{f'至{stop}' if stop else '起'}：{signal.zh}。",
            en=f"From {start}{f' until {stop}' if stop else ''}: {signal.en}.",
        )
        return Trace(signal.worth(len(own)), text)
    through = [
        event for event, end in spells if event.at < span.arrival and end is not None and end > span.departure
        and end - event.at <= _LONGEST_MODE
    ]  # fmt: skip
    if not through:
        return None
    text = Bilingual(
        zh=f"{clock_time(through[-1].at)}起，整个维保期间：{signal.zh}。",
        en=f"All through the visit, since {clock_time(through[-1].at)}: {signal.en}.",
    )
    return Trace(1, text)


def _end_of(start: Happened, events: Iterable[Happened]) -> datetime | None:
    """Return when a mode ended: back to normal, or the end of the very code that began it."""
    for event in events:
        ends = event.kind in _ENDS and (event.kind == "normal_mode" or event.code.startswith(start.code))
        if ends and event.at >= start.at:
            return event.at
    return None


def _flickers(start: Happened, end: datetime | None, limits: Limits) -> bool:
    return end is not None and end - start.at < timedelta(seconds=limits.least_mode_s)


def _ended_soon(start: Happened, end: datetime | None, inside: Callable[[datetime], bool]) -> bool:
    return end is not None and inside(end) and end - start.at <= _LONGEST_MODE


def _momentary(span: Span, signal: Signal, limits: Limits) -> Trace | None:
    inside = _window(span, limits)
    found = [event for event in span.events if event.kind in signal.kinds and inside(event.at)]
    if not found:
        return None
    times = ", ".join(clock_time(event.at) for event in found[:4]) + (" …" if len(found) > 4 else "")
    text = Bilingual(zh=f"{signal.zh} {len(found)} 次（{times}）。", en=f"{signal.en.capitalize()} {len(found)} × ({times}).")
    return Trace(signal.worth(len(found)), text)


def traces_of_sweep(span: Span, limits: Limits) -> Iterator[Trace]:
    """Yield landings served one after the other in one direction, a door cycle at each: doors checked from end to end."""
    if span.landings is None:
        return
    longest = _longest_sweep(span)
    if longest < max(limits.least_sweep, round(limits.sweep_share * span.landings)):
        return
    text = Bilingual(
        zh=f"逐层开关门，连续 {longest} 层（共 {span.landings} 层）。",
        en=f"Doors opened at {longest} landings one after the other (of {span.landings}).",
    )
    yield Trace(limits.sweep_points, text)


def _longest_sweep(span: Span) -> int:
    served = [
        after.floor
        for before, after in pairwise(span.inside())
        if after.floor is not None
        and after.counters.get("door_cycles", 0) > before.counters.get("door_cycles", after.counters.get("door_cycles", 0))
    ]
    longest = run = 1 if served else 0
    way = 0
    for before, floor in pairwise(served):
        step = floor - before
        if step == 0:
            continue  # tried twice
        run = run + 1 if step == way else 2 if abs(step) == 1 else 1
        way = step if abs(step) == 1 else 0
        longest = max(longest, run)
    return longest

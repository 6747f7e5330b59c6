"""How often the elevator's word is right: simulated visits, real and invented, at several traffics and resolutions.

::

    uv run python tests/bench/proof/bench_elevator_word.py [VISITS] [SEED]

Of every kind of visit so many are simulated in working hours of three weeks; what is printed is the share of each word, with
the upper 95 % bound (Clopper and Pearson) of the share of real visits that are wrongly contradicted.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

import msgspec
from scipy.stats import beta

from planner import simulate
from planner.simulate import SimulatedElevator, SimulatedVisit
from planner.simulate.visits import Conduct
from qr.elevator_word import weigh
from qr.evidence import Verdict
from tests.support.spans import SHANGHAI, past_of, span_of

KINDS = ("residential", "office", "hospital", "school")
MINUTES = {"half_month": (30, 50), "quarter": (42, 65), "half_year": (55, 80), "year": (80, 130)}
RESOLUTIONS_S = (60, 300, 900, 3600)
_BARE = "real, counters only"
"""Of a monitor that tells no events: nothing but the traffic speaks for the visit."""

STORIES: dict[str, tuple[Conduct, tuple[int, int] | None]] = {
    "real": ("works", None),
    _BARE: ("works", None),
    "not there": ("absent", None),
    "scan, wait, scan": ("idles", None),
    "too short": ("idles", (3, 9)),
}
_MARGIN = timedelta(hours=1)


def visits(kind: str, count: int, seed: int) -> Iterator[tuple[SimulatedElevator, str, datetime, float, int]]:
    """Yield elevators with a class, an arrival, a luck 0..1 for the length and a number of landings."""
    chance = Random(f"{seed}:{kind}")  # noqa: S311 - a simulation
    for number in range(count):
        one = simulate.elevator(f"3110331077{number:010d}", kind, seed)
        maintenance_class = chance.choices(list(MINUTES), weights=(18, 4, 1, 1))[0]
        day = datetime(2026, 10, 26, tzinfo=SHANGHAI) + timedelta(days=chance.choice((0, 1, 2, 3, 4)) + 7 * chance.randrange(3))
        yield one, maintenance_class, day + timedelta(minutes=chance.randint(480, 960)), chance.random(), chance.randint(5, 28)


def main() -> None:
    """Print one line per kind of building, story and resolution."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 11
    words: Counter[tuple[str, str, int, Verdict]] = Counter()
    for kind in KINDS:
        for one, maintenance_class, arrival, luck, landings in visits(kind, count, seed):
            past = past_of(one, arrival - _MARGIN, arrival + timedelta(minutes=130) + _MARGIN)
            for story, (conduct, minutes) in STORIES.items():
                low, high = minutes or MINUTES[maintenance_class]
                departure = arrival + timedelta(minutes=low + (high - low) * luck)
                visit = SimulatedVisit(arrival=arrival, departure=departure, conduct=conduct, landings=landings)
                for every_s in RESOLUTIONS_S:
                    span = span_of(one, visit, every_s=every_s, past=past)
                    if story == _BARE:
                        span = msgspec.structs.replace(span, events=(), landings=None)
                    found = weigh(span, maintenance_class, "traction_or_positive_drive_lift")
                    words[kind, story, every_s, found.verdict] += 1
    _print(words, count)


def _print(words: Counter[tuple[str, str, int, Verdict]], count: int) -> None:
    print(f"{'building':12} {'visit':19} {'records':>8}  {'corroborated':>12} {'silent':>7} {'contradicted':>12}")  # noqa: T201
    for kind in KINDS:
        for story in STORIES:
            for every_s in RESOLUTIONS_S:
                shares = " ".join(
                    f"{words[kind, story, every_s, verdict] / count:>{width}.1%}"
                    for verdict, width in ((Verdict.CORROBORATED, 12), (Verdict.SILENT, 7), (Verdict.CONTRADICTED, 12))
                )
                print(f"{kind:12} {story:19} {every_s:>6} s  {shares}")  # noqa: T201
    for story in ("real", _BARE):
        for every_s in RESOLUTIONS_S:
            wrong = sum(words[kind, story, every_s, Verdict.CONTRADICTED] for kind in KINDS)
            total = count * len(KINDS)
            bound = beta.ppf(0.95, wrong + 1, total - wrong) if wrong < total else 1.0
            print(f"{story}: contradicted at {every_s:>4} s: {wrong} of {total} (95 % bound {bound:.2%})")  # noqa: T201


if __name__ == "__main__":
    main()

"""A plan under construction: routes that are never changed but replaced, and what the whole costs.

Every state is valid: a route that cannot be timed is not made, and a visit that is on no route is left out at its price.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import sub

from planner.rounds.model import NEVER_S, Duty, Model
from planner.rounds.timing import Clocks, Timetable, clocks, drives, latest_departure, timetable

Spans = dict[int, list[tuple[int, int]]]
NO_BANKS: frozenset[int] = frozenset()


class Way:
    """The stops of one duty in their order, with everything an insertion needs to know. Not changed but for `found`.

    Attributes
    ----------
    duty
        Number of the duty.
    stops
        Visits in their order.
    places
        Rows of the locations passed: start, stops, end.
    legs
        Seconds of driving between them; a way without stops is not driven.
    clocks
        Earliest and latest times, other ways' banks and the longest duration left aside.
    load
        What the crew carries in all.
    cost
        Price of the route, its visits' costs on this duty included.
    rest
        The break that the clocks reckon with; None if none is due.
    return_s, work_s
        Earliest return, and seconds of driving and service.
    banks
        Banks of its visits that other visits share.
    spans
        Per bank, when its visits are at work: (begin, end) in seconds after the first day's midnight. None if nobody has
        asked yet and no other way was in the way when it was made, see `Solution.spans`.
    gaps_s, widest_s
        Per place, seconds between the earliest leave before and the latest time of being ready after it, all driving
        included, and the most of these: what needs more does not fit.
    found
        Per visit asked for so far, cost and position of its cheapest place here.
    """

    __slots__ = (
        "banks",
        "clocks",
        "cost",
        "duty",
        "found",
        "gaps_s",
        "legs",
        "load",
        "places",
        "rest",
        "return_s",
        "spans",
        "stops",
        "widest_s",
        "work_s",
    )

    def __init__(self, variant: Duty, duty: int, stops: list[int], legs: list[int], places: list[int], times: Clocks) -> None:
        self.duty = duty
        self.stops = stops
        self.legs = legs
        self.places = places
        self.clocks = times
        self.rest = variant.rest
        self.load = 0
        self.cost = 0
        self.return_s = 0
        self.work_s = 0
        self.banks: frozenset[int] = NO_BANKS
        self.spans: Spans | None = None
        self.found: dict[int, tuple[int, int]] = {}
        sooner = times.leave1 if self.rest is None else map(min, times.leave0, times.leave1)
        self.gaps_s = list(map(sub, times.due1, sooner))
        self.widest_s = max(self.gaps_s)


class Solution:
    """Ways for all duties of a model.

    Attributes
    ----------
    model
        The problem.
    ways
        Per duty, its way, empty ones included.
    duty_of
        Per visit, the duty it is on (-1: left out).
    cost
        Price of all ways and of all visits left out, in the problem's unit (`model.PIN_PRICE` for a pinned one).
    """

    def __init__(self, model: Model) -> None:
        self.model = model
        self.ways = [_empty_way(model, k) for k in range(len(model.duties))]
        self.duty_of = [-1] * model.visits
        self.cost = sum(model.price)
        self._bank_duties: dict[int, set[int]] = {}
        self.has_banks = any(bank >= 0 for bank in model.bank)
        self._beside = _at_the_same_time(model) if self.has_banks else []

    def planned(self) -> int:
        """Count the visits that are on a way."""
        return sum(duty >= 0 for duty in self.duty_of)

    def left_out(self) -> list[int]:
        """List the visits that are on no way."""
        return [i for i, duty in enumerate(self.duty_of) if duty < 0]

    def timetable(self, duty: int, stops: Sequence[int]) -> Timetable | None:
        """Time a way beside all the other ways, whose banks it must not disturb."""
        busy = self._busy(duty, stops) if self.has_banks else None
        return timetable(self.model, self.model.duties[duty], stops, busy)

    def way(self, duty: int, stops: list[int], *, alone: bool = False) -> Way | None:
        """Make a way of stops in this order; None if they cannot be done beside the other ways.

        A way that is made `alone`, the other ways' banks left aside, only tells its price: it may not be put in.
        """
        model = self.model
        shift = model.duties[duty]
        if not stops:
            return _empty_way(model, duty)
        load = sum(map(model.load.__getitem__, stops))
        if shift.capacity is not None and load > shift.capacity:
            return None
        legs = drives(model, shift, stops)
        variant, times, return_s = _timed(model, duty, stops, legs)
        if return_s > shift.latest_s:
            return None
        banks = self._banks(stops)
        busy = self._busy(duty, stops) if banks and not alone else None
        spans: Spans | None = None
        longest_s = shift.max_duration_s
        too_long = longest_s is not None and return_s - variant.from_s > longest_s
        if too_long and busy is None and shift.rest is None and model.one_window:
            # the return moves with the departure or not at all, so the latest departure makes the shortest route
            if return_s - latest_departure(model, stops, legs, return_s) > (longest_s or 0):
                return None
        elif too_long or busy is not None:
            stated = timetable(model, shift, stops, busy)
            if stated is None:
                return None
            return_s = stated.return_s
            spans = _spans(model, duty, stops, stated) if banks else None
        overtime_s = max(0, return_s - shift.to_s)
        prices = model.problem.costs
        driven_s = sum(legs)
        cost = prices.shift_used + driven_s * prices.travel_per_s + overtime_s * prices.overtime_per_s
        for i in stops:
            cost += model.options[i][duty]
        places = [shift.start, *map(model.place.__getitem__, stops), shift.end]
        way = Way(variant, duty, stops, legs, places, times)
        way.load, way.cost, way.return_s = load, cost, return_s
        way.work_s = driven_s + sum(map(model.service_s.__getitem__, stops))
        way.banks, way.spans = banks, spans
        return way

    def way_as_stated(self, duty: int, stops: list[int], starts: list[int], return_s: int) -> Way | None:
        """Make a way whose starts and return are known to fit beside the other ways; None if even alone it cannot be done.

        Parameters
        ----------
        starts, return_s
            Seconds of the duty's day.
        """
        way = self.way(duty, stops, alone=True)
        if way is None:
            return None
        model = self.model
        shift, prices = model.duties[duty], model.problem.costs
        more_s = max(0, return_s - shift.to_s) - max(0, way.return_s - shift.to_s)
        way.cost += more_s * prices.overtime_per_s
        way.return_s = return_s
        way.spans = {}
        for i, start_s in zip(stops, starts, strict=True):
            if model.bank[i] >= 0:
                begin = shift.begin_s + start_s
                way.spans.setdefault(model.bank[i], []).append((begin, begin + model.service_s[i]))
        return way

    def put(self, way: Way) -> None:
        """Replace the way of a duty; visits that were only on the old one are left out from now on."""
        price, duty_of = self.model.price, self.duty_of
        old = self.ways[way.duty]
        self.cost += way.cost - old.cost
        for i in old.stops:
            duty_of[i] = -1
            self.cost += price[i]
        for i in way.stops:
            duty_of[i] = way.duty
            self.cost -= price[i]
        self.ways[way.duty] = way
        if self.has_banks:
            for bank in old.banks:
                self._bank_duties[bank].discard(way.duty)
            for bank in way.banks:
                self._bank_duties.setdefault(bank, set()).add(way.duty)

    def clear(self, duties: Iterable[int]) -> None:
        """Leave out every visit of some duties."""
        for k in duties:
            if self.ways[k].stops:
                self.put(_empty_way(self.model, k))

    def restore(self, ways: Sequence[Way], cost: int | None = None) -> None:
        """Put back ways that were valid together with all the others, whatever is on those duties now.

        Parameters
        ----------
        ways
            One per duty at most.
        cost
            What the solution cost with them, where the caller knows; it saves the reckoning.
        """
        if cost is None or self.has_banks:
            for way in ways:
                self.put(_empty_way(self.model, way.duty))
            for way in ways:
                self.put(way)
            return
        duty_of = self.duty_of
        for way in ways:
            for i in self.ways[way.duty].stops:
                duty_of[i] = -1
        for way in ways:
            self.ways[way.duty] = way
            for i in way.stops:
                duty_of[i] = way.duty
        self.cost = cost

    def meets_bank(self, duty: int, visit: int) -> bool:
        """Tell whether times on a way with this visit depend on other ways, so that only `way` can judge it."""
        bank = self.model.bank[visit]
        own = self.ways[duty].banks
        banks = (bank, *own) if bank >= 0 else own
        beside = self._beside[duty]
        return any(other in beside for each in banks for other in self._bank_duties.get(each, ()))

    def spans(self, way: Way) -> Spans:
        """Tell when the banks of one of the ways are at work."""
        if way.spans is None:
            way.spans = spans_alone(self.model, way.duty, way.stops) if way.banks else {}
        return way.spans

    def _banks(self, stops: Sequence[int]) -> frozenset[int]:
        if not self.has_banks:
            return NO_BANKS
        bank = self.model.bank
        return frozenset(bank[i] for i in stops if bank[i] >= 0)

    def _busy(self, duty: int, stops: Sequence[int]) -> dict[int, list[tuple[int, int]]] | None:
        """When the banks of some visits are at work on other ways, in seconds of the duty's day."""
        begin_s = self.model.duties[duty].begin_s
        busy: dict[int, list[tuple[int, int]]] = {}
        for i in stops:
            bank = self.model.bank[i]
            others = self._bank_duties.get(bank, set()) & self._beside[duty] if bank >= 0 else set()
            if others:
                spans = [span for other in sorted(others) for span in self.spans(self.ways[other])[bank]]
                busy[i] = [(begin - begin_s, end - begin_s) for begin, end in spans]
        return busy or None


def spans_alone(model: Model, duty: int, stops: Sequence[int]) -> Spans:
    """Tell when the banks of a way are at work that has been made with no other way in the way."""
    stated = timetable(model, model.duties[duty], stops)
    assert stated is not None  # noqa: S101 - the way has been made
    return _spans(model, duty, stops, stated)


def _spans(model: Model, duty: int, stops: Sequence[int], stated: Timetable) -> Spans:
    begin_s = model.duties[duty].begin_s
    spans: Spans = {}
    for i, start_s in zip(stops, stated.start_s, strict=True):
        bank = model.bank[i]
        if bank >= 0:
            begin = begin_s + start_s
            spans.setdefault(bank, []).append((begin, begin + model.service_s[i]))
    return spans


def _at_the_same_time(model: Model) -> list[set[int]]:
    """Give for every duty the others whose times overlap with its own, night shifts of the day before included."""
    beside: list[set[int]] = [set() for _ in model.duties]
    spans = sorted((duty.begin_s + duty.from_s, duty.begin_s + duty.latest_s, k) for k, duty in enumerate(model.duties))
    for at, (_, end_s, k) in enumerate(spans):
        for begin_s, _, other in spans[at + 1 :]:
            if begin_s > end_s:
                break
            beside[k].add(other)
            beside[other].add(k)
    return beside


def _timed(model: Model, duty: int, stops: list[int], legs: list[int]) -> tuple[Duty, Clocks, int]:
    """Give the variant of a duty on which a route is over soonest, if not within the shift, its clocks and the return."""
    found: tuple[Duty, Clocks, int] | None = None
    for variant in model.variants[duty]:
        times = clocks(model, variant, stops, legs)
        return_s = times.back1
        if variant.rest is not None and times.back0 < variant.rest[1]:
            return_s = times.back0
        if found is None or return_s < found[2]:
            found = variant, times, return_s
        if return_s <= variant.to_s:
            break
    assert found is not None  # noqa: S101 - every duty has a variant
    return found


def _empty_way(model: Model, duty: int) -> Way:
    shift = model.variants[duty][0]
    never = NEVER_S if shift.rest is None else shift.from_s
    due0 = shift.latest_s if shift.rest is None else min(shift.latest_s, shift.rest[1] - 1)
    times = Clocks([never], [shift.from_s if shift.rest is None else NEVER_S], [due0], [shift.latest_s], NEVER_S, shift.from_s)
    way = Way(shift, duty, [], [0], [shift.start, shift.end], times)
    way.return_s = shift.from_s
    return way

"""The elevators of a simulation: what is fixed about each, drawn from its code, its building and the seed."""

from __future__ import annotations

from random import Random

from msgspec import Struct

_OFFICE = (0, 0, 0, 0, 0, 1, 3, 12, 30, 26, 12, 16, 28, 22, 12, 12, 14, 22, 30, 14, 6, 3, 2, 1)
_HOME = (3, 1, 1, 1, 1, 4, 12, 24, 22, 14, 12, 14, 16, 12, 10, 11, 14, 20, 26, 24, 20, 16, 11, 6)
_SHOP = (0, 0, 0, 0, 0, 0, 1, 2, 5, 12, 20, 24, 24, 22, 22, 22, 22, 24, 28, 30, 24, 12, 3, 1)
_ALWAYS = (4, 3, 3, 3, 4, 8, 16, 28, 32, 32, 30, 26, 22, 24, 30, 28, 24, 20, 18, 14, 11, 9, 7, 5)
_HOTEL = (5, 3, 2, 2, 2, 4, 12, 24, 28, 22, 14, 14, 16, 14, 16, 18, 18, 20, 24, 24, 22, 20, 16, 10)


class Profile(Struct, frozen=True):
    """How a kind of building uses its elevators."""

    trips_per_day: int
    """Of one elevator on a working day."""

    hours: tuple[int, ...]
    """24 weights, local time."""

    weekend: float
    """Use of a Saturday or Sunday as a share of a working day."""


PROFILES = {
    "residential": Profile(320, _HOME, 1.1),
    "office": Profile(650, _OFFICE, 0.15),
    "hospital": Profile(900, _ALWAYS, 0.7),
    "mall": Profile(520, _SHOP, 1.5),
    "hotel": Profile(420, _HOTEL, 1.15),
    "school": Profile(280, _OFFICE, 0.1),
    "station": Profile(800, _ALWAYS, 1.1),
    "other": Profile(250, _OFFICE, 0.5),
}
"""By the register's kind of building."""


RESTLESS = 0.03
"""Share of elevators whose monitors restart."""


class SimulatedElevator(Struct, frozen=True, kw_only=True):
    """One elevator: what is fixed about it. Equal for the same code and seed."""

    registration_code: str
    kind: str
    trips_per_day: float
    reopenings: float
    """Door cycles beyond one a trip, as a share of trips."""

    run_s_per_trip: float
    run_m_per_trip: float
    rope_bends_per_trip: int
    relevelings: float
    """Brake actuations beyond one a trip, as a share of trips."""

    frailty: float
    """Faults as a multiple of the usual."""

    trips_before: int
    """On the counter when the simulation's first week began."""

    restless: bool
    """Whether its monitor restarts now and then, which sets the counters to zero."""

    seed: int


def elevator(registration_code: str, kind: str, seed: int, *, stops: int | None = None) -> SimulatedElevator:
    """Return the elevator of a code.

    Parameters
    ----------
    registration_code
        Names it.
    kind
        Of its building; one of `PROFILES`, `other` for any other.
    seed
        Of the simulation.
    stops
        Landings, if they are known; drawn if None.
    """
    chance = Random(f"{seed}:{registration_code}")  # noqa: S311 - a simulation
    kind = kind if kind in PROFILES else "other"
    floors = chance.randint(4, 30)
    rise_m = 3.2 * max((stops or floors) - 1, 1) / 3  # a trip goes a third of the way
    speed_m_s = 1.0 if rise_m < 10 else 1.75 if rise_m < 25 else 2.5
    return SimulatedElevator(
        registration_code=registration_code,
        kind=kind,
        trips_per_day=PROFILES[kind].trips_per_day * chance.lognormvariate(0, 0.35),
        reopenings=chance.uniform(0.05, 0.3),
        run_s_per_trip=rise_m / speed_m_s + 4,
        run_m_per_trip=rise_m,
        rope_bends_per_trip=chance.choice((1, 2, 3, 4)),
        relevelings=chance.uniform(0.0, 0.1),
        frailty=chance.lognormvariate(0, 0.5),
        trips_before=chance.randint(2_000_000, 4_000_000),
        restless=chance.random() < RESTLESS,
        seed=seed,
    )


def fleet(count: int, seed: int, *, prefix: str = "3110331099") -> list[SimulatedElevator]:
    """Return a fleet with made-up registration codes of 20 digits: homes mostly, as in any city."""
    chance = Random(f"{seed}:fleet")  # noqa: S311 - a simulation
    kinds = chance.choices(list(PROFILES), weights=(55, 16, 6, 8, 6, 4, 2, 3), k=count)
    return [elevator(f"{prefix}{number:010d}", kind, seed) for number, kind in enumerate(kinds, 1)]

"""A fleet with known truth: how much it is used, what breaks, and what its monitors tell of it.

Pure and seeded. What an elevator does in a week is a function of seed, registration code and week alone, so that two
simulations of overlapping times tell the same records, and the truth behind any record can be asked for.

What is told is told as real monitors do: totals once an hour, which restart; hours that are lost, and hours that come late
and out of order after the network was away; faults, entrapments and modes as events with the codes of GB/T 24476-2017.

Daily profiles follow the habit of traffic analysis (up-peak, lunch and down-peak of offices; two peaks of homes) and are
the house's own; they are no measurement.
"""

from __future__ import annotations

from planner.simulate.fleet import PROFILES, SimulatedElevator, elevator, fleet
from planner.simulate.records import Growth, SimulatedEvent, fleet_records, happened, records, truth
from planner.simulate.visits import SimulatedVisit, records_with_visits

__all__ = [
    "PROFILES",
    "Growth",
    "SimulatedElevator",
    "SimulatedEvent",
    "SimulatedVisit",
    "elevator",
    "fleet",
    "fleet_records",
    "happened",
    "records",
    "records_with_visits",
    "truth",
]

"""Duties that differ in nothing but their name: a route of one is as good on any other of them."""

from __future__ import annotations

from planner.rounds.model import Model


def kinds(model: Model) -> list[int]:
    """Tell which duties are alike.

    Returns
    -------
    list of int
        Per duty, its kind. Duties of one kind have the same day, hours, places, room and break, and every visit costs the
        same on each of them, or is forbidden on all.
    """
    options = list({id(costs): costs for costs in model.options}.values())
    known: dict[object, int] = {}
    found = []
    for k, duty in enumerate(model.duties):
        looks = (duty._replace(crew=""), tuple(costs.get(k) for costs in options))
        found.append(known.setdefault(looks, len(known)))
    return found

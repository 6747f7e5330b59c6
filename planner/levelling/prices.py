"""What is worth how much: the price of a day's load, in hundredths of a second of work so that all of it is whole numbers.

A second of work on a day whose hours are used to a share of x costs x times `Weights.peak_percent` percent, so the price of
a day rises with the square of its load. The curve is made of straight pieces: solvers want it so, and with whole numbers
search and checker agree to the last unit.
"""

from __future__ import annotations

PIECES = 20
"""Straight pieces of the curve between an empty and a full day: its error stays below a thousandth of a full day's price."""

CENTI = 100
"""Prices per second of work, in hundredths."""

OVERDUE_DAYS = 7
"""What is overdue at the start is made within so many days from the first one, at a price per day."""


def slopes(peak_percent: int) -> tuple[int, ...]:
    """Return the price of a second on each piece of the curve, rising."""
    return tuple(peak_percent * (2 * piece + 1) // (2 * PIECES) for piece in range(PIECES))


def corners(capacity_s: int) -> tuple[int, ...]:
    """Return the loads at which the pieces begin."""
    return tuple(capacity_s * piece // PIECES for piece in range(PIECES))


def tangents(peak_percent: int, capacity_s: int) -> list[tuple[int, int]]:
    """Return the pieces as lines (slope, intercept): the price of a load is the greatest of them at that load."""
    lines: list[tuple[int, int]] = []
    value, before, corner_before = 0, 0, 0
    for slope, corner in zip(slopes(peak_percent), corners(capacity_s), strict=True):
        value += before * (corner - corner_before)
        lines.append((slope, value - slope * corner))
        before, corner_before = slope, corner
    return lines


def load_price(peak_percent: int, capacity_s: int, load_s: int) -> int:
    """Return the price of a load of a day."""
    return max(slope * load_s + intercept for slope, intercept in tangents(peak_percent, capacity_s))

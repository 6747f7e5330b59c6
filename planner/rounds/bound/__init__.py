"""How good a plan can be at best: a proved lower bound of what any valid plan of a problem costs.

The rooms::

    result    what is answered, and what is told on the way
    simple    a bound at once, of every visit's own least price
    shifts    the duties of a problem as integer arrays, duties that are alike taken together
    pricing   the cheapest rounds of one shift under prices of visits, compiled
    master    the linear program that sets those prices
    generate  the loop between the two: column generation
"""

from __future__ import annotations

from planner.rounds.bound.generate import bound
from planner.rounds.bound.result import BoundProgress, BoundResult, OnBound

__all__ = ["BoundProgress", "BoundResult", "OnBound", "bound"]

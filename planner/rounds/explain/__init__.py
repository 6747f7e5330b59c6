"""Explanations: why a visit is left out and what would help, why it is where it is, what another day or crew would cost.

The rooms::

    forms, words  sentences in English and Chinese, written by rule from codes, ids and amounts
    reasons       the first reason that binds over all crews and days, or over some of them
    look          a problem and its plan made ready for questions; the parts of a difference in cost
    changes       the cheapest single change that lets a visit be planned; apply  doing it to the problem
    planned       a planned visit: what other days and crews would cost, or the rule that forbids them
    forced        why not this day or crew: the visit forced there, the routes around it planned anew (local)
"""

from planner.rounds.explain.reasons import Reason, reasons
from planner.rounds.explain.words import Sentence, Told, Wording

__all__ = ["Reason", "Sentence", "Told", "Wording", "reasons"]

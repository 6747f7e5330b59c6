"""Part of a problem as a problem of its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from planner.rounds.model import Model
from planner.rounds.problem import Problem
from planner.rounds.travel import Matrix, Travel


class Part(NamedTuple):
    """Some duties and visits of a model.

    Attributes
    ----------
    problem
        Nothing but them, without its travel times.
    matrix
        Seconds between the places of `problem`.
    duties, visits
        Their numbers in the whole model, in the order of the part's own.
    """

    problem: Problem
    matrix: Matrix
    duties: list[int]
    visits: list[int]


def part_of(model: Model, duties: Sequence[int], visits: Sequence[int]) -> Part:
    """Take duties and visits out of a model.

    Parameters
    ----------
    model
        The whole.
    duties
        Their numbers.
    visits
        Numbers of the visits that may be on them.
    """
    whole = model.problem
    chosen = {(model.duties[k].crew, model.duties[k].day): k for k in duties}
    crews, order = [], []
    for crew in whole.crews:
        shifts = tuple(shift for shift in crew.shifts if (crew.id, shift.day) in chosen)
        if shifts:
            crews.append(msgspec.structs.replace(crew, shifts=shifts))
            order += [chosen[crew.id, shift.day] for shift in shifts]
    rows = {model.place[i] for i in visits}
    for k in order:
        rows |= {model.duties[k].start, model.duties[k].end}
    used = np.array(sorted(rows), dtype=np.int64)
    own = tuple(whole.visits[i] for i in visits)
    published = whole.published
    if published is not None:
        published = {visit.id: published[visit.id] for visit in own if visit.id in published}
    problem = msgspec.structs.replace(
        whole,
        locations=tuple(whole.locations[row] for row in used),
        travel=Travel(),
        visits=own,
        crews=tuple(crews),
        published=published,
    )
    return Part(problem, np.ascontiguousarray(model.matrix[np.ix_(used, used)]), order, list(visits))

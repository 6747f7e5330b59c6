"""The search spread: over parts of a problem too large for one search, and over processes and machines.

Part of a plan is taken out as a problem of its own (`part`), searched somewhere (`task`: bytes in, bytes out, so that it may
be anywhere), and put back into the best plan so far, where `Solution` checks it (`spread`). Which part is next is decided
by who works where just now (`territory`), so that the cuts between the parts never stay in one place. Who searches is a
`Team`: any `concurrent.futures.Executor`, for example processes of this machine (`processes`) or a Dask cluster
(`cluster`).
"""

from __future__ import annotations

from planner.rounds.scale.spread import improve, is_spread, leaves_out_much
from planner.rounds.scale.team import Team, TeamError

__all__ = ["Team", "TeamError", "improve", "is_spread", "leaves_out_much"]

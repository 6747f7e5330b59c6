"""Policies: a rule pack and a mode for all elevators, and what an elevator's facts are under them."""

from __future__ import annotations

from datetime import date
from typing import Literal

import msgspec

from planner.intervals.facts import ElevatorFacts, ModeHistory
from planner.intervals.receipt import Mode

ASSUMED_FILING = "assumed"
"""Stands for a filing that is not there yet."""


class Policy(msgspec.Struct, frozen=True, kw_only=True):
    """Rules under which a whole fleet is maintained.

    Attributes
    ----------
    pack
        Id of the rule pack.
    mode
        How every elevator is registered; on demand counts only while the conditions E1 to E9 are met.
    paperwork
        ``as_is`` what is registered; ``assumed`` as if every owner had agreed in writing and every elevator had been filed
        on the first day: what is in people's hands, while monitor, inspection, insurance, age and incidents stay as they are.
    """

    pack: str
    mode: Mode
    paperwork: Literal["as_is", "assumed"] = "as_is"

    @property
    def id(self) -> str:
        """A name that is its own."""
        return self.pack if self.paperwork == "as_is" else f"{self.pack}+paperwork"


FIXED = Policy(pack="cn-fixed-15", mode="fixed")
ON_DEMAND = Policy(pack="cn-on-demand-30", mode="on_demand")
ON_DEMAND_FILED = Policy(pack="cn-on-demand-30", mode="on_demand", paperwork="assumed")
USUAL = (FIXED, ON_DEMAND, ON_DEMAND_FILED)
"""What is compared where nobody asks for anything else."""


def facts_under(policy: Policy, facts: ElevatorFacts, start: date) -> ElevatorFacts:
    """Return an elevator's facts on the first day of a policy.

    One that comes back from on-demand maintenance has the grace that the rules give; one that never was on demand has none.
    """
    history = facts.history
    if facts.mode == "fixed" and policy.mode == "on_demand":
        history = ModeHistory(effective="fixed")
    facts = msgspec.structs.replace(facts, mode=policy.mode, history=history)
    if policy.paperwork == "as_is":
        return facts
    agreement = msgspec.structs.replace(facts.agreement, consent_on=facts.agreement.consent_on or start, withdrawn_on=None)
    filed = facts.filed_on if facts.filing and facts.filed_on is not None and facts.filed_on <= start else start
    return msgspec.structs.replace(facts, agreement=agreement, filing=facts.filing or ASSUMED_FILING, filed_on=filed)

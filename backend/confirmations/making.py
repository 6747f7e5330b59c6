"""A code made by the server: for visits that are finished on the pages without script, or whose code was lost."""

from __future__ import annotations

from uuid import UUID

from backend import clock, database
from backend.confirmations import codes
from backend.errors import Conflict
from backend.people import service as people
from backend.scope import Scope
from backend.visits import service as visits
from backend.visits.views import Confirmation


async def make_code(scope: Scope, visit: UUID) -> str:
    """Make a new code for a finished visit and return it: it is told only here. Earlier codes of the visit open nothing more.

    Parameters
    ----------
    scope
        The first technician of the visit, who shows the code; it opens the record and signs nothing.
    visit
        Which visit.

    Raises
    ------
    NotAllowed
        For anybody else.
    NotFound
        If there is no such visit.
    Conflict
        If the visit has no record, was withdrawn, or the owner has decided already.
    """
    code = codes.new_code()
    async with database.tx(scope):
        summary = await visits.own_finished_inside(scope, visit)
        if summary.withdrawn:
            raise Conflict("this visit was withdrawn and does not count: there is nothing to confirm")
        if summary.confirmation is not Confirmation.PENDING:
            raise Conflict("the owner has decided about this visit already")
        await codes.keep_inside(scope.require_firm(), visit, codes.sha256_of(code), made_by="server", at=clock.now())
        await people.audit(scope.firm, scope.account, "confirmation.code_made", str(visit))
    return code

"""Written notices to owners: issued with a finding, numbered without gaps, with a receipt when they are read."""

from __future__ import annotations

from uuid import UUID

from backend.notices.views import FindingFacts, Issued, NoticePage, NoticeView
from backend.scope import Scope


async def issue_inside(firm: UUID, facts: FindingFacts) -> Issued:
    """Write the notice of a finding inside the caller's transaction; a finding has one notice, however often it is asked."""
    raise NotImplementedError


async def notices(
    scope: Scope, *, elevator: UUID | None = None, unread_only: bool = False, cursor: str | None = None, limit: int = 100
) -> NoticePage:
    """Return notices, newest first: an owner's own ones, or all of the firm."""
    raise NotImplementedError


async def notice(scope: Scope, notice: UUID) -> NoticeView:
    """Return a notice without leaving a receipt."""
    raise NotImplementedError


async def read(scope: Scope, notice: UUID) -> NoticeView:
    """Return a notice to its owner and leave the receipt: the first time it was opened, and by whom."""
    raise NotImplementedError

"""Labels: minted blank or for an elevator, claimed on site, revoked, replaced; and what a code stands for.

A label is public, so it proves nothing alone. blank → active (claimed) → revoked or replaced; nothing comes back from its
end. An elevator can have several active labels (in the car, at the landing, in the machine room).
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from backend.labels.views import LabelFilter, LabelPage, LabelView, ResolvedLabel
from backend.scope import Scope
from backend.settings import Settings
from qr.keys import KeyRing


async def mint(
    scope: Scope,
    ring: KeyRing,
    count: int = 0,
    *,
    elevators: Sequence[UUID] = (),
    only_missing: bool = False,
    batch: UUID | None = None,
) -> list[LabelView]:
    """Mint a batch: blank labels, or one active label for each given elevator."""
    raise NotImplementedError


async def labels(scope: Scope, ring: KeyRing, wanted: LabelFilter, *, cursor: str | None = None, limit: int = 100) -> LabelPage:
    """Return labels, newest first."""
    raise NotImplementedError


async def claim(scope: Scope, ring: KeyRing, text: str, elevator: UUID) -> LabelView:
    """Bind a blank label to an elevator."""
    raise NotImplementedError


async def revoke(scope: Scope, ring: KeyRing, label: UUID, reason: str) -> LabelView:
    """End a label with a reason."""
    raise NotImplementedError


async def replace(scope: Scope, ring: KeyRing, label: UUID, new_text: str | None = None) -> LabelView:
    """End a label and put another in its place: the one with the given code, or a newly minted one; return the new one."""
    raise NotImplementedError


async def resolve_inside(ring: KeyRing, text: str, *, firm: UUID | None) -> ResolvedLabel:
    """Return what a scanned or typed code stands for, inside the caller's transaction.

    Parameters
    ----------
    ring
        Keys of this installation.
    text
        As scanned (the whole link) or typed.
    firm
        The asker's firm; None for the public page.

    Raises
    ------
    LabelRefused
        A NotFound with its reason. It is counted per day and reason, even where the caller's transaction is undone.
    """
    raise NotImplementedError


async def sheet(
    scope: Scope,
    ring: KeyRing,
    settings: Settings,
    labels: Sequence[UUID],
    stock: str,
    start: int = 1,
    offsets: tuple[float, float] = (0, 0),
) -> bytes:
    """Return a PDF of labels on a maker's sheets."""
    raise NotImplementedError


async def notices_pdf(scope: Scope, ring: KeyRing, settings: Settings, elevators: Sequence[UUID]) -> bytes:
    """Return a PDF of in-car notices, one A6 page for each elevator."""
    raise NotImplementedError

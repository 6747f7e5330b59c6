"""Key epochs: which labels hang on which key, what stops when one is retired, and which stay valid without reprinting."""

from __future__ import annotations

from uuid import UUID

from backend import clock, database
from backend.errors import Conflict, Fault, InvalidInput, NotFound
from backend.labels import keyring, queries, upkeep_queries
from backend.labels.listing import view_inside, view_of
from backend.labels.resolve import genuine_inside
from backend.labels.views import EpochState, EpochView, LabelState, LabelView
from backend.people.service import audit
from backend.scope import Scope
from backend.settings import Settings
from qr.errors import KeyRingError
from qr.keys import KeyRing


async def epochs(scope: Scope, ring: KeyRing) -> list[EpochView]:
    """Return the key epochs with their labels, oldest first; for a firm those of its own labels."""
    async with database.tx(scope):
        counted = {row.epoch: row for row in await upkeep_queries.epoch_counts()}
    states = {key.epoch: EpochState.RETIRED if key.retired else EpochState.VERIFYING for key in ring.keys}
    states[ring.newest.epoch] = EpochState.MINTING
    views = []
    for epoch in sorted(states.keys() | counted.keys()):
        row = counted.get(epoch)
        views.append(
            EpochView(
                epoch=epoch,
                state=states.get(epoch, EpochState.MISSING),
                blank=row.blank if row else 0,
                active=row.active if row else 0,
                kept=row.kept if row else 0,
                ended=row.ended if row else 0,
            )
        )
    return views


async def labels_that_stop(scope: Scope, ring: KeyRing, epoch: int, *, keep_claimed: bool = True) -> list[LabelView]:
    """Return the labels that open nothing any more once an epoch is retired: the blank ones, and unless kept the claimed.

    Raises
    ------
    NotFound
        If there is no such key.
    """
    _require_epoch(ring, epoch)
    async with database.tx(scope):
        rows = await upkeep_queries.open_labels_of_epoch(epoch)
    stopping = [row for row in rows if row.kept_at is None and not (keep_claimed and row.state is LabelState.ACTIVE)]
    return [view_of(row, ring) for row in stopping]


async def retire(scope: Scope, settings: Settings, ring: KeyRing, epoch: int, *, keep_claimed: bool = True) -> list[LabelView]:
    """Retire a key epoch; return the labels that stopped.

    Claimed labels are put on the allow-list first, so that no car loses its label for a moment: they stay valid by their
    record, and nothing has to be printed again. Blank labels stop: who has the key could have made them.

    Parameters
    ----------
    scope
        Of the whole installation: a key is not one firm's.
    settings
        For the key file.
    ring
        Keys of this installation.
    epoch
        Which key; not the newest.
    keep_claimed
        False stops the claimed labels too, where the labels themselves are not trusted any more.

    Raises
    ------
    NotFound
        If there is no such key.
    Conflict
        If it is the newest.
    """
    _require_installation(scope)
    _require_epoch(ring, epoch)
    if epoch == ring.newest.epoch:
        raise Conflict("epoch {epoch} is the newest key, which makes new labels: rotate first, then retire it", epoch=epoch)
    stopping = await labels_that_stop(scope, ring, epoch, keep_claimed=keep_claimed)
    if keep_claimed:
        async with database.tx(scope):
            kept = await upkeep_queries.keep_active_of_epoch(epoch, clock.now())
            for firm, count in kept.items():
                await audit(firm, scope.account, "label.kept", f"epoch {epoch}", {"labels": count})
    keyring.retire(settings, epoch)
    async with database.tx(scope):
        for firm in await upkeep_queries.firms_of_epoch(epoch):
            await audit(firm, scope.account, "label_key.retired", f"epoch {epoch}", {"keep_claimed": keep_claimed})
    return stopping


async def restore(scope: Scope, settings: Settings, ring: KeyRing, epoch: int) -> None:
    """Take a retirement back: all labels of the epoch are valid again.

    Raises
    ------
    NotFound
        If there is no such key.
    """
    _require_installation(scope)
    _require_epoch(ring, epoch)
    keyring.restore(settings, epoch)
    async with database.tx(scope):
        for firm in await upkeep_queries.firms_of_epoch(epoch):
            await audit(firm, scope.account, "label_key.restored", f"epoch {epoch}", {})


async def rotate(scope: Scope, settings: Settings) -> int:
    """Add a newer key, which makes new labels from now on; return its epoch."""
    _require_installation(scope)
    try:
        return keyring.rotate(settings).newest.epoch
    except KeyRingError as error:
        raise InvalidInput("the key was not rotated", faults=[Fault("keys", None, str(error))]) from None


async def keep(scope: Scope, ring: KeyRing, text: str) -> LabelView:
    """Put one claimed label on the allow-list: it stays valid, or is valid again, although its key is retired.

    Parameters
    ----------
    scope
        Who asks.
    ring
        Keys of this installation.
    text
        The label's id, or its code as scanned or typed.

    Raises
    ------
    LabelRefused
        If the code is none of the firm's labels.
    NotFound
        If there is no label with this id.
    Conflict
        If the label is blank or has ended.
    """
    async with database.tx(scope):
        try:
            row = await queries.lock_label(UUID(text.strip()))
        except ValueError:
            row = await genuine_inside(ring, text, firm=scope.firm, lock=True, any_key=True)
        if row is None:
            raise NotFound("no label {label}", label=text)
        if row.state is not LabelState.ACTIVE:
            raise Conflict("only a label that opens an elevator can be kept: this one is {state}", state=row.state)
        if row.kept_at is None:
            await upkeep_queries.set_kept(row.id, clock.now())
            await audit(row.firm, scope.account, "label.kept", str(row.id), {"epoch": row.epoch})
        return await view_inside(row.id, ring)


def _require_epoch(ring: KeyRing, epoch: int) -> None:
    if epoch not in {key.epoch for key in ring.keys}:
        raise NotFound(
            "no key of epoch {epoch}: there are {epochs}", epoch=epoch, epochs=", ".join(str(key.epoch) for key in ring.keys)
        )


def _require_installation(scope: Scope) -> None:
    if scope.firm is not None:
        raise Conflict("keys belong to the whole installation: change them at the terminal of the server")

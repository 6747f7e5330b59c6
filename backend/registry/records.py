"""Reading, adding, changing and removing one thing of the register: the same for every kind."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID, uuid4

from msgspec import UNSET, Struct

from backend import clock, database, paging
from backend.errors import Fault, InvalidInput, NotFound, Outdated
from backend.people.service import audit
from backend.registry import queries, rules
from backend.registry.kind_queries import Kind
from backend.registry.queries import Condition
from backend.registry.views import Page
from backend.scope import Scope

V = TypeVar("V")
U = TypeVar("U", bound=Struct)

NOT_STORED = "this cannot be stored as it is"

Before = Callable[[UUID, dict[str, Any]], Awaitable[list[Fault]]]
"""Further faults that only the database knows: the firm and the values as they would be."""


async def no_faults(_firm: UUID, _values: dict[str, Any]) -> list[Fault]:
    """Find nothing: for things that only their own fields decide on."""
    return []


@asynccontextmanager
async def writing(scope: Scope) -> AsyncIterator[None]:
    """Open a transaction whose refusals by the database are conflicts."""
    with queries.refusals():
        async with database.tx(scope):
            yield


async def get(scope: Scope, kind: Kind[V], row: UUID) -> V:
    """Return a thing.

    Raises
    ------
    NotFound
        If the scope sees none with this id.
    """
    async with database.tx(scope):
        return await get_inside(kind, row)


async def get_inside(kind: Kind[V], row: UUID) -> V:
    """Return a thing inside the caller's transaction."""
    found = await queries.one(kind, row, clock.now())
    if found is None:
        raise _missing(kind, row)
    return found


def _missing(kind: Kind[Any], row: UUID) -> NotFound:
    return NotFound(kind.missing, id=row)


async def listing(
    scope: Scope,
    kind: Kind[V],
    conditions: Sequence[Condition],
    *,
    text: str | None,
    firm: UUID | None,
    cursor: str | None,
    limit: int,
) -> Page[V]:
    """Return a page of things that fit all conditions."""
    after = paging.decode(cursor, (str, UUID))
    wanted = list(conditions)
    if text and text.strip():
        wanted.append(queries.contains(kind, text.strip()))
    if firm is not None:
        wanted.append(Condition(f"{kind.firm} = {{}}", firm))
    async with database.tx(scope):
        rows, last, total = await queries.page(kind, clock.now(), wanted, after, paging.bounded(limit))
    return Page(rows=rows, next_cursor=None if last is None else paging.encode(last), total=total)


async def today_of(firm: UUID) -> date:
    """Return the local day of a firm inside the caller's transaction."""
    return clock.today(await queries.time_zone(firm))


async def add_inside(
    scope: Scope,
    kind: Kind[V],
    firm: UUID,
    given: Mapping[str, Any],
    check: rules.Check,
    *,
    before: Before = no_faults,
) -> V:
    """Check and write a new thing inside the caller's transaction.

    Raises
    ------
    InvalidInput
        With all faults.
    """
    values = rules.tidy(given)
    refuse(check(values, await today_of(firm)) + await before(firm, values))
    row = uuid4()
    await queries.insert(kind.table, {"id": row, "firm": firm} | values)
    await audit(firm, scope.account, f"{kind.name}.created", str(row))
    return await get_inside(kind, row)


async def change(
    scope: Scope,
    kind: Kind[V],
    row: UUID,
    given: U,
    check: rules.Check,
    *,
    version: str | None,
    keep: tuple[str, ...] = (),
    adjust: Callable[[V, U], U] | None = None,
    before: Before = no_faults,
    after: Callable[[V], Awaitable[None]] | None = None,
) -> V:
    """Check and write the fields of an Update that are set.

    `keep` names further fields that the checks need; `adjust` sets fields that follow from others; `before` looks for faults
    that only the database knows; `after` runs in the same transaction.

    Raises
    ------
    NotFound
        If the scope sees none with this id.
    Outdated
        If `version` is not the thing's present one.
    InvalidInput
        With all faults of the thing as it would be.
    """
    async with writing(scope):
        old = await locked(kind, row, version)
        changed = differences(old, given if adjust is None else adjust(old, given))
        if not changed:
            return old
        values = _fields(old, (*given.__struct_fields__, *keep)) | changed
        firm: UUID = values.get("firm", row)
        refuse(check(values, await today_of(firm)) + await before(firm, values))
        await queries.update(kind.table, row, changed)
        await audit(firm, scope.account, f"{kind.name}.changed", str(row), {"fields": sorted(changed)})
        new = await get_inside(kind, row)
        if after is not None:
            await after(new)
        return new


async def locked(kind: Kind[V], row: UUID, version: str | None) -> V:
    """Lock a thing inside the caller's transaction and return it, if it still is what the asker has seen."""
    present = await queries.lock(kind, row)
    if present is None:
        raise _missing(kind, row)
    if version is not None and version != present:
        raise Outdated("somebody else has changed this meanwhile: load it again, then repeat your change")
    return await get_inside(kind, row)


def differences(old: Any, given: Struct) -> dict[str, Any]:
    """Return the fields of an Update that are set and differ from what is stored."""
    found = {}
    for name in given.__struct_fields__:
        value = getattr(given, name)
        if value is UNSET:
            continue
        value = rules.tidy({name: value})[name]
        present = getattr(old, name)
        if value != (list(present) if isinstance(present, tuple) else present):
            found[name] = value
    return found


def _fields(old: Any, names: Sequence[str]) -> dict[str, Any]:
    """Return the stored values of these fields, and the firm where there is one."""
    return {name: getattr(old, name) for name in (*names, "firm") if hasattr(old, name)}


async def remove(
    scope: Scope, kind: Kind[Any], row: UUID, *, version: str | None = None, first: Callable[[], Awaitable[None]] | None = None
) -> None:
    """Remove a thing that nothing refers to; `first` takes away what is its own, in the same transaction.

    Raises
    ------
    NotFound
        If the scope sees none with this id.
    Conflict
        If something refers to it.
    """
    async with writing(scope):
        old = await locked(kind, row, version)
        if first is not None:
            await first()
        await queries.delete(kind.table, row)
        await audit(getattr(old, "firm", row), scope.account, f"{kind.name}.removed", str(row))


def refuse(faults: Sequence[Fault]) -> None:
    """Raise all faults as one refusal, if there are any."""
    if faults:
        raise InvalidInput(NOT_STORED, faults=faults)


async def same_firm(kind: Kind[Any], row: UUID | None, firm: UUID) -> None:
    """Refuse a reference to what another firm has: the database's own keys do not know firms.

    Raises
    ------
    NotFound
        If the scope sees none with this id, or it belongs to another firm than the thing that refers to it.
    """
    if row is not None and await queries.firm_of(kind.table, row) != firm:
        raise _missing(kind, row)


def as_values(given: Struct) -> dict[str, Any]:
    """Return the fields of a Create with their Python values."""
    return {name: getattr(given, name) for name in given.__struct_fields__}


def refuse_texts(values: Mapping[str, Any]) -> None:
    """Refuse texts that cannot be stored, or are missing."""
    faults = rules.texts(values, values)
    if faults:
        raise InvalidInput(NOT_STORED, faults=faults)

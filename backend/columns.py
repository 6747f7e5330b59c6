"""Column kinds with the house's defaults, because Piccolo's own are silent (nullable keys, empty text, zero, cascade)."""

from __future__ import annotations

from piccolo.columns import UUID, ForeignKey, Timestamptz
from piccolo.columns.base import OnDelete
from piccolo.columns.defaults.timestamptz import TimestamptzNow
from piccolo.columns.defaults.uuid import UUID4
from piccolo.table import Table


def key() -> UUID:
    """Return a primary key: a random UUID, shown to the outside as an opaque string."""
    return UUID(primary_key=True, default=UUID4())


def belongs_to(table: type[Table], *, index: bool = True) -> ForeignKey[Table]:
    """Return a foreign key that must be set and keeps what it refers to.

    `index=False` where a unique constraint begins with the column, which serves as well.
    """
    return ForeignKey(table, null=False, on_delete=OnDelete.restrict, index=index)


def may_belong_to(table: type[Table]) -> ForeignKey[Table]:
    """Return an indexed foreign key that may be null and keeps what it refers to."""
    return ForeignKey(table, null=True, default=None, on_delete=OnDelete.restrict, index=True)


def recorded_at() -> Timestamptz:
    """Return the instant at which the row was written."""
    return Timestamptz(default=TimestamptzNow())

"""What handlers take, by name: Litestar 3 wants every argument marked with where it comes from.

::

    @get("/api/v1/things/{id:uuid}", roles=OFFICE)
    async def thing(asker: Asker, id: FromPath[UUID], cursor: FromQuery[str | None] = None) -> ThingView: ...

    @post("/api/v1/things", roles=OFFICE)
    async def add(asker: Asker, data: JSONBody[NewThing]) -> ThingView: ...
"""

from __future__ import annotations

from typing import TypeAlias

from litestar.di import NamedDependency
from litestar.params import FromHeader, FromPath, FromQuery, JSONBody, MultipartBody, RawBody

from backend import scope, settings
from qr import keys

Asker: TypeAlias = NamedDependency[scope.Scope]
"""`asker`: the scope of whoever is signed in; refuses where nobody is."""

Installation: TypeAlias = NamedDependency[settings.Settings]
"""`settings`: of this installation."""

Ring: TypeAlias = NamedDependency[keys.KeyRing]
"""`ring`: the keys that sign label codes."""

__all__ = [
    "Asker",
    "FromHeader",
    "FromPath",
    "FromQuery",
    "Installation",
    "JSONBody",
    "MultipartBody",
    "RawBody",
    "Ring",
]

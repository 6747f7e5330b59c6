"""The tamper-evident log: checkpoints, keys and tiles for everybody, proofs, and bundles of records (docs/log.md).

The addresses under `/log/` are those of C2SP tlog-tiles, so that a monitor made by somebody else can follow the log.
"""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from litestar import Request, Response, get
from litestar.params import QueryParameter

from backend import keyfile
from backend.errors import NotFound
from backend.public import service as public
from backend.recordlog import service as recordlog
from backend.recordlog.views import ConsistencyView, InclusionView
from backend.scope import Role
from backend.visits import service as visits
from mobile_api.inputs import Asker, FromPath, FromQuery, Installation, Ring
from mobile_api.public_label import counted
from mobile_api.security import OFFICE_READERS, PUBLIC
from qr.log import bundle, tiles
from qr.log.bundle import Bundle

READERS = (*OFFICE_READERS, Role.TECHNICIAN, Role.OWNER)
"""Those who may read a record; an owner those of their own elevators."""

TEXT = "text/plain; charset=utf-8"
OCTETS = "application/octet-stream"

_ANYWHERE = {"Access-Control-Allow-Origin": "*"}
_SHORTLY = {**_ANYWHERE, "Cache-Control": "public, max-age=60"}
_FOR_GOOD = {**_ANYWHERE, "Cache-Control": "public, max-age=31536000, immutable"}
"""A tile never changes: a fuller one has another address."""

_TILE = re.compile(
    r"/*(?P<level>entries|[0-9]|[1-5][0-9]|6[0-3])/(?P<place>(?:x[0-9]{3}/){0,5}[0-9]{3})(?:\.p/(?P<width>[1-9][0-9]{0,2}))?",
    re.ASCII,
)

First = Annotated[int, QueryParameter(name="from", ge=0)]
Second = Annotated[int | None, QueryParameter(name="to", ge=0)]


@get("/log/checkpoint", roles=PUBLIC, media_type=TEXT)
async def log_checkpoint() -> Response[str]:
    """Return the newest signed checkpoint: a C2SP signed note with the log's name, its size and its root."""
    return Response((await recordlog.checkpoint()).note, media_type=TEXT, headers={**_ANYWHERE, "Cache-Control": "no-cache"})


@get("/log/keys", roles=PUBLIC, media_type=TEXT)
async def log_keys(settings: Installation) -> Response[str]:
    """Return the public keys of the log, one a line, the newest first; those that sign no more stay."""
    lines = "".join(f"{key.text}\n" for key in keyfile.log_keys(settings).public)
    return Response(lines, media_type=TEXT, headers=_SHORTLY)


@get("/log/tile/{path:path}", roles=PUBLIC, media_type=OCTETS)
async def log_tile(path: FromPath[str]) -> Response[bytes]:
    """Return a tile of the tree, or the leaves below one (`entries/…`), as C2SP tlog-tiles names them."""
    found = _TILE.fullmatch(path)
    width = int(found["width"] or tiles.WIDTH) if found else 0
    if found is None or width > tiles.WIDTH or (found["width"] and width == tiles.WIDTH):
        raise NotFound("the log has no such tile yet")
    place = int(found["place"].replace("/", "").replace("x", ""))
    if found["level"] == "entries":
        data = [one.encode() for one in await recordlog.entries_of_tile(place, width)]
        content = b"".join(len(one).to_bytes(2, "big") + one for one in data)
    else:
        content = await recordlog.tile(int(found["level"]), place, width)
    return Response(content, media_type=OCTETS, headers=_FOR_GOOD)


@get("/api/v1/log/inclusion", roles=PUBLIC)
async def inclusion(
    index: Annotated[int, QueryParameter(ge=0)], size: Annotated[int | None, QueryParameter(ge=1)] = None
) -> Response[InclusionView]:
    """Prove that a leaf stands in the log of a size; of the newest checkpoint where none is named."""
    return Response(await recordlog.inclusion(index, size), headers=_ANYWHERE)


@get("/api/v1/log/consistency", roles=PUBLIC)
async def consistency(first: First, second: Second = None) -> Response[ConsistencyView]:
    """Prove that the log only grew between two sizes, up to the newest checkpoint where no second one is named."""
    return Response(await recordlog.consistency(first, second), headers=_ANYWHERE)


@get("/api/v1/visits/{id:uuid}/bundle", roles=READERS)
async def visit_bundle(
    asker: Asker, settings: Installation, id: FromPath[UUID], version: FromQuery[int | None] = None
) -> Response[Bundle]:
    """Return a record with the proof that it stands in the log, to be checked by `liftrounds verify` or on `/verify`."""
    found = await visits.bundle(asker, keyfile.log_keys(settings).public, id, version)
    return as_file(found, f"visit-{id}-{found.public.statement.version}.json")


@get("/api/v1/elevators/{code:str}/bundle", roles=PUBLIC)
async def public_bundle(
    request: Request[Any, Any, Any], ring: Ring, settings: Installation, code: FromPath[str]
) -> Response[Bundle]:
    """Return the proof of the last visit of a label's elevator, without the record: elevator, day and class only."""
    async with counted(request, ring, code):
        found = await public.public_bundle(ring, code, keyfile.log_keys(settings).public)
    return as_file(found, f"elevator-{found.public.statement.elevator}.json", **_ANYWHERE)


def as_file(found: Bundle, name: str, **headers: str) -> Response[Any]:
    """Answer with a bundle that the browser keeps as a file."""
    safe = re.sub(r"[^A-Za-z0-9._-]", "-", name)
    headers = {"Content-Disposition": f'attachment; filename="{safe}"', "Cache-Control": "private, no-cache", **headers}
    return Response(bundle.encode(found), media_type="application/json", headers=headers)


HANDLERS: list[Any] = [log_checkpoint, log_keys, log_tile, inclusion, consistency, visit_bundle, public_bundle]

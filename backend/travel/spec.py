"""Which source of travel times is wanted: `estimate`, `osrm:URL`, `valhalla:URL`, `roads:FILE`."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct

from planner.travel.interface import Kind

WAY_OUT = "use estimate, osrm:http://HOST:5000, valhalla:http://HOST:8002 or roads:/PATH/FILE.osm.pbf"


class Spec(Struct, frozen=True, kw_only=True):
    """A source of travel times.

    Attributes
    ----------
    kind
        Which engine.
    url
        Of OSRM or Valhalla, without a slash at the end; may carry a password.
    file
        Of a road graph: the OpenStreetMap extract, absolute.
    """

    kind: Kind = Kind.ESTIMATE
    url: str = ""
    file: Path | None = None

    @property
    def name(self) -> str:
        """What may be shown of it: an address without credentials, a file's name."""
        if self.file is not None:
            return self.file.name
        if not self.url:
            return ""
        parts = urlsplit(self.url)
        host = parts.hostname or ""
        return urlunsplit((parts.scheme, f"{host}:{parts.port}" if parts.port else host, parts.path, "", ""))

    @property
    def told(self) -> str:
        """What people call it."""
        called = {Kind.OSRM: "OSRM", Kind.VALHALLA: "Valhalla", Kind.ROADS: "the road data"}
        return f"{called[self.kind]} {self.name}" if self.kind in called else "the estimate"


ESTIMATE = Spec()


def parse_spec(text: str) -> Spec | None:
    """Read a source of travel times; None if it is none (`WAY_OUT` says what is one)."""
    kind, _, rest = text.strip().partition(":")
    if kind in ("", Kind.ESTIMATE):
        return ESTIMATE if not rest else None
    if kind in (Kind.OSRM, Kind.VALHALLA):
        try:
            parts = urlsplit(rest)
            known = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        except ValueError:  # a bracket without its pair, a port that is no number
            known = False
        return Spec(kind=Kind(kind), url=rest.rstrip("/")) if known else None
    if kind == Kind.ROADS and rest:
        return Spec(kind=Kind.ROADS, file=Path(rest).expanduser().absolute())
    return None

"""A routing server on loopback that speaks as much of OSRM's and Valhalla's protocols as the clients use.

The forms of its answers are those of osrm-routed 26.10 and valhalla_service 3.9.1, against which the clients were tried.
Its one road runs along the equator; whoever is further than half a degree from it is in another world. Eastward 10 m/s,
westward 5 m/s.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

METRES_PER_DEGREE = 111_195.08


class RoutingServer:
    """What a test may set, and what it may look at afterwards."""

    def __init__(self) -> None:
        self.url = ""
        self.most_cells = 100
        """OSRM's `--max-table-size` and Valhalla's pairs, as cells of one table."""

        self.busy = 0
        """So many requests are answered with 503 first."""

        self.says: bytes | None = None
        """Answered instead of anything else."""

        self.cut_at_lon = 180.0
        """No way leads from west of it to the east."""

        self.old = False
        """Valhalla answers in the long form, OSRM without distances."""

        self.asked: list[str] = []
        """Paths of all requests."""

    async def answer(self, method: str, target: str, body: bytes) -> tuple[int, bytes]:
        self.asked.append(target)
        if self.busy > 0:
            self.busy -= 1
            return 503, b"busy"
        if self.says is not None:
            return 200, self.says
        parts = urlsplit(target)
        if method == "GET" and parts.path.startswith("/nearest/"):
            return 200, json.dumps({"code": "Ok", "waypoints": []}).encode()
        if method == "GET" and parts.path.startswith("/table/v1/driving/"):
            return self._osrm(parts.path.removeprefix("/table/v1/driving/"), parse_qs(parts.query))
        if parts.path == "/status":
            return 200, json.dumps({"version": "3.9.1", "tileset_last_modified": 1_737_835_200}).encode()
        if parts.path == "/locate":
            return 200, json.dumps([self._located(each) for each in json.loads(body)["locations"]]).encode()
        if parts.path == "/sources_to_targets":
            return self._valhalla(json.loads(body))
        return 404, json.dumps({"code": "InvalidUrl", "error_code": 106, "error": "Try any of"}).encode()

    def _drive(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[float, float] | None:
        """Seconds and metres; None where no way leads."""
        if start[1] < self.cut_at_lon <= end[1]:
            return None
        metres = abs(end[1] - start[1]) * METRES_PER_DEGREE
        return metres / (10 if end[1] >= start[1] else 5), metres

    def _osrm(self, path: str, query: dict[str, list[str]]) -> tuple[int, bytes]:
        places = [(float(lat), float(lon)) for lon, lat in (each.split(",") for each in unquote(path).split(";"))]
        sources, destinations = ([places[int(n)] for n in query[name][0].split(";")] for name in ("sources", "destinations"))
        if len(sources) * len(destinations) > self.most_cells:
            return 400, b'{"message":"Too many table coordinates","code":"TooBig"}'
        if any(abs(lat) > 80 for lat, _ in places):
            return 400, b'{"message":"Could not find a matching segment for coordinate 0","code":"NoSegment"}'
        cells = [[self._drive(a, b) for b in destinations] for a in sources]
        found: dict[str, Any] = {
            "code": "Ok",
            "durations": [[None if cell is None else round(cell[0], 1) for cell in row] for row in cells],
            "sources": [{"location": [lon, 0], "name": "", "distance": abs(lat) * METRES_PER_DEGREE} for lat, lon in sources],
            "destinations": [{"location": [lon, 0], "distance": abs(lat) * METRES_PER_DEGREE} for lat, lon in destinations],
            "data_version": "2025-01-25T20:00:00Z",
        }
        if not self.old:
            found["distances"] = [[None if cell is None else round(cell[1], 1) for cell in row] for row in cells]
        return 200, json.dumps(found).encode()

    @staticmethod
    def _located(place: dict[str, float]) -> dict[str, Any]:
        near = [{"way_id": 1, "correlated_lat": 0.0, "correlated_lon": place["lon"]}] if abs(place["lat"]) < 0.5 else []
        return {"input_lat": place["lat"], "input_lon": place["lon"], "edges": near, "nodes": []}

    def _valhalla(self, asked: dict[str, Any]) -> tuple[int, bytes]:
        sources, targets = ([(each["lat"], each["lon"]) for each in asked[name]] for name in ("sources", "targets"))
        if len(sources) * len(targets) > self.most_cells:
            return 400, b'{"error_code":150,"error":"Exceeded max locations: 100","status_code":400,"status":"Bad Request"}'
        if any(abs(lat) > 0.5 for lat, _ in (*sources, *targets)):
            return 400, b'{"error_code":171,"error":"No suitable edges near location","status_code":400,"status":"Bad Request"}'
        if any(abs(a[1] - b[1]) > 4 for a in sources for b in targets):
            return 400, b'{"error_code":154,"error":"Path distance exceeds the max distance limit","status_code":400}'
        cells = [[self._drive(a, b) for b in targets] for a in sources]
        durations = [[None if cell is None else round(cell[0]) for cell in row] for row in cells]
        km = [[None if cell is None else round(cell[1] / 1000, 3) for cell in row] for row in cells]
        table: Any = {"durations": durations, "distances": km}
        if self.old:
            rows = zip(durations, km, strict=True)
            table = [[{"time": t, "distance": d} for t, d in zip(*row, strict=True)] for row in rows]
        return 200, json.dumps({"sources_to_targets": table, "units": asked["units"]}).encode()


@asynccontextmanager
async def routing_server() -> AsyncIterator[RoutingServer]:
    """Serve on a free port until the block ends."""
    routing = RoutingServer()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, *lines = head.decode().split("\r\n")
                method, target, _ = first.split(" ")
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
                body = await reader.readexactly(int(headers.get("content-length", 0)))
                status, content = await routing.answer(method, target, body)
                writer.write(f"HTTP/1.1 {status} x\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    routing.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield routing

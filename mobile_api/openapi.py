"""The API's description as it is committed: `python -m mobile_api.openapi` writes `docs/openapi.json` anew."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import msgspec

from backend.settings import Settings

FILE = Path(__file__).parents[1] / "docs" / "openapi.json"


def described() -> bytes:
    """Return the description of this version, formatted; no database is touched."""
    from mobile_api.app import create_app

    with tempfile.TemporaryDirectory() as folder:
        app = create_app(Settings(data_dir=Path(folder)))
    schema: dict[str, Any] = app.openapi_schema.to_schema()
    return msgspec.json.format(msgspec.json.encode(schema, order="sorted"), indent=1) + b"\n"


if __name__ == "__main__":
    FILE.write_bytes(described())

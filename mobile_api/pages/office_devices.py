"""The office's pages of telemetry devices. (Being written now by a second helper: the OFFICE helper keeps plan, map, today, visits, hazards.)"""

from __future__ import annotations

from typing import Any

HANDLERS: list[Any] = []

"""Messages per second that each adapter reads into records, on one core and without a database.

::

    uv run python tests/bench/telemetry/bench_adapters.py
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from backend.telemetry.adapters.dialect import Context
from backend.telemetry.adapters.reading import read_messages

MESSAGES: dict[str, dict[str, Any]] = {
    "thingsboard": {"ts": 1795500000123, "values": {"runCount": "5", "temperature": 31.5, "vibe": 2, "faultCode": 0}},
    "jtc340": {"Params": {"Value": {"DoorState": 1, "PersonState": 1, "CurrentFloor": "-2B", "RunState": 1}}},
    "es1500": {
        "Parameters": {"Id": "6001", "Time": "2026-11-25 16:00:00"},
        "Count": {"BuckleCnt": "300", "DoorOpenedCnt": 90, "RunNum": "120", "RunDistance": 1500, "RunTime": 4000},
        "Alarm": {"HasAlarm": "1", "ErrorCode": [101, 205], "PersonTrapped": "1", "Speed": "0", "Stuck": 0},
        "State": {"Floor": "B1", "Temp": "25.5", "Door": "0", "People": "3"},
    },
    "bacnet": {
        "object-identifier": "lift,1", "car-position": 3, "car-mode": "normal", "car-door-status": ["closed"],
        "energy-meter": 12.5, "fault-signals": [], "passenger-alarm": False,
    },
    "gbt24476": {"时间戳": 1795500000, "服务模式": "2", "运行状态": 1, "当前楼层": "-2", "运行次数": "100", "故障代码": 0},
}  # fmt: skip
COUNT = 3000
ROUNDS = 3


def main() -> None:
    """Print the best of some rounds for each adapter."""
    context = Context(received_at=datetime(2026, 11, 25, 12, tzinfo=UTC), zone=ZoneInfo("Asia/Shanghai"), elevator="E1")
    for adapter, message in MESSAGES.items():
        batch = [message] * COUNT
        best = float("inf")
        for _ in range(ROUNDS):
            began = time.perf_counter()
            found = read_messages(adapter, batch, context)
            best = min(best, time.perf_counter() - began)
            if len(found.records) != COUNT:
                raise SystemExit(f"{adapter}: {found.refused[:1]}")
        print(f"{adapter:12} {COUNT / best:9,.0f} messages/s")  # noqa: T201


if __name__ == "__main__":
    main()

"""Read by Python when it starts: moves the clock of an installation's processes by the seconds that a file tells.

An hour's visit is so tested in a minute: phone and server go through the same hour. Only where LIFTROUNDS_TEST_CLOCK names a
file.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

if os.environ.get("LIFTROUNDS_TEST_CLOCK"):
    from backend import clock

    _FILE = Path(os.environ["LIFTROUNDS_TEST_CLOCK"])
    clock._now = lambda: datetime.now(UTC) + timedelta(seconds=float(_FILE.read_text()))

"""A worker in a process of its own with the real job of plan runs; run by test_worker_death.py.

Called as `python planning_worker.py DATABASE_URL LOST_AFTER_S GRACE_S`.
"""

from __future__ import annotations

import asyncio
import signal
import sys

from backend import database
from backend.jobs import registry
from backend.jobs.worker import Options, run


async def main(url: str, lost_after_s: float, grace_s: float) -> None:
    """Work until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await database.connect(url, pool_size=4)
    options = Options(lost_after_s=lost_after_s, grace_s=grace_s, keeps_time=False)
    await run(stop, options, {"plan_run": registry.load()["plan_run"]})
    await database.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], float(sys.argv[2]), float(sys.argv[3])))

"""A worker in a process of its own, with one job that writes a diary; run by the tests of the queue.

Called as `python worker_process.py DATABASE_URL DIARY hang|work LOST_AFTER_S GRACE_S`.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

from backend import database
from backend.jobs.job import Job, Nothing
from backend.jobs.worker import Options, run


async def main(url: str, diary: Path, mode: str, lost_after_s: float, grace_s: float) -> None:
    """Work until SIGTERM."""

    def note(text: str) -> None:
        with diary.open("a") as file:
            file.write(f"{text} {os.getpid()}\n")

    async def write(_payload: Nothing) -> None:
        note("begun")
        if mode == "hang":
            await asyncio.Event().wait()
        note("done")

    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await database.connect(url, pool_size=2)
    options = Options(lost_after_s=lost_after_s, grace_s=grace_s, keeps_time=False)
    await run(stop, options, {"tidy": Job(name="tidy", payload=Nothing, run=write)})
    await database.disconnect()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), sys.argv[3], float(sys.argv[4]), float(sys.argv[5])))

"""`liftrounds worker`."""

from __future__ import annotations

import asyncio
import signal

import click

from backend import logs
from backend.cli import run_with_database
from backend.settings import read_settings


@click.command()
@click.option("--at-once", type=click.IntRange(min=2), default=2, show_default=True, help="Jobs at the same time.")
@click.option(
    "--lost-after", type=click.FloatRange(min=1), default=30.0, show_default=True, metavar="SECONDS",
    help="Take up a job whose worker gave no sign for this long.",
)  # fmt: skip
@click.option(
    "--grace", type=click.FloatRange(min=0), default=20.0, show_default=True, metavar="SECONDS",
    help="After SIGTERM, let jobs under way go on for this long, then give them back.",
)  # fmt: skip
@click.option("--no-clock", is_flag=True, help="Do not stand for the clock that starts the regular jobs.")
@click.option("--retry-failed", is_flag=True, help="First put the jobs that were set aside back into the queue.")
def worker(at_once: int, lost_after: float, grace: float, no_clock: bool, retry_failed: bool) -> None:
    r"""Run the jobs: planning, due windows, tidying up.

    Any number of workers on any number of hosts share the queue; one of them keeps the clock. SIGTERM or Ctrl-C ends it
    without losing work.

    \b
    Example:
      liftrounds worker --at-once 4
    """
    from backend.jobs import service
    from backend.jobs.worker import Options, run

    logs.configure(read_settings())
    options = Options(at_once=at_once, lost_after_s=lost_after, grace_s=grace, keeps_time=not no_clock)

    async def work() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        if retry_failed:
            click.echo(f"{await service.retry_failed()} failed jobs are back in the queue", err=True)
        await run(stop, options)

    run_with_database(work)

"""The command line `liftrounds`: names the commands and loads only the one that is called."""

from __future__ import annotations

import asyncio
import importlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import click

from backend.errors import InvalidInput, LiftroundsError
from qr.errors import QrError

T = TypeVar("T")

COMMANDS = {
    "account": ("backend.people.commands:account", "Make accounts and set passwords: the first admin."),
    "backtest": ("backend.backtest.commands:backtest", "Compare rule packs on the same elevators."),
    "backup": ("backend.commands:backup", "Write the whole record into one file."),
    "bound": ("backend.rounds.bound_commands:bound", "Prove what every plan costs at least."),
    "check": ("backend.rounds.commands:check", "Check a plan against its problem."),
    "compare": ("backend.rounds.compare_commands:compare", "Say what on-demand maintenance would change."),
    "demo": ("backend.demo.commands:demo", "Load a city and serve it: everything in one command."),
    "doctor": ("backend.commands:doctor", "Say what is wrong with this installation and how to mend it."),
    "due": ("backend.upkeep.commands:due", "Say when an elevator must be seen next, and why."),
    "explain": ("backend.rounds.explain_commands:explain", "Say why a plan is as it is, and what would change it."),
    "export": ("backend.registry.commands:export", "Write the register as CSV or XLSX."),
    "import": ("backend.registry.commands:import_", "Read a register from CSV or XLSX."),
    "ingest": ("backend.telemetry.commands:ingest", "Take telemetry from the MQTT broker."),
    "labels": ("backend.labels.commands:labels", "Mint, print, claim and revoke printed codes."),
    "level": ("backend.levelling.commands:level", "Give every visit of the next months a target day."),
    "log": ("backend.recordlog.commands:log", "Follow, check and sign the tamper-evident log."),
    "migrate": ("backend.commands:migrate", "Bring the database to the schema of this version."),
    "phones": ("backend.phones.commands:phones", "List, revoke and check technicians' phones; rotate their keys."),
    "plan": ("backend.rounds.commands:plan", "Turn a problem file into a plan file."),
    "repair": ("backend.rounds.repair_commands:repair", "Repair a published plan when the day goes another way."),
    "restore": ("backend.commands:restore", "Read a backup into an empty database."),
    "risk": ("backend.risk.commands:risk", "Say how often elevators fail, and score the forecasts."),
    "serve": ("backend.commands:serve", "Serve the pages and the API."),
    "simulate": ("backend.telemetry.commands:simulate", "Make telemetry of a simulated fleet."),
    "telemetry": ("backend.telemetry.rejected_commands:telemetry", "What was not accepted, replaying it, and data health."),
    "travel": ("backend.travel.commands:travel", "Put the travel times of real roads into a problem file."),
    "verify": ("backend.recordlog.verify_commands:verify", "Check that a record stands in the log, unchanged."),
    "worker": ("backend.jobs.commands:worker", "Run the jobs: planning, nightly due windows."),
}
"""Command → where it is and what it does in a line; loaded when called, so that `--help` stays quick."""

EXIT_FINDING = 1
EXIT_WRONG_USE = 2


class _LazyGroup(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        if cmd_name not in COMMANDS:
            return None
        module, _, name = COMMANDS[cmd_name][0].partition(":")
        command = getattr(importlib.import_module(module), name)
        assert isinstance(command, click.Command)  # noqa: S101 - a wrong line in COMMANDS is a mistake of ours
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, text) for name, (_, text) in sorted(COMMANDS.items())])


@click.command(cls=_LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="liftrounds")
def liftrounds() -> None:
    """Maintenance rounds for elevators.

    Start with `liftrounds demo`. Every command works with nothing set; LIFTROUNDS_DATA_DIR, LIFTROUNDS_DATABASE_URL,
    LIFTROUNDS_HOST, LIFTROUNDS_PORT, LIFTROUNDS_PUBLIC_URL and LIFTROUNDS_MQTT_URL change where things are.

    Exit codes: 0 done, 1 done with a finding, 2 wrong use or input.
    """


def fail(error: LiftroundsError) -> None:
    """Print an expected refusal to the error stream, every fault on a line of its own."""
    click.secho(f"Error: {error}", fg="red", err=True)
    if isinstance(error, InvalidInput):
        for fault in error.faults:
            click.echo(f"  {fault}", err=True)


def run_with_database(
    work: Callable[[], Awaitable[T]], *, loop_factory: Callable[[], asyncio.AbstractEventLoop] | None = None
) -> T:
    """Open the database (migrating it where needed), run a coroutine function, close again.

    Expected refusals are printed and end the command with exit code 2.

    Parameters
    ----------
    work
        Called without arguments inside the event loop; opens its own transactions.
    loop_factory
        Makes the event loop; None takes Python's own.
    """
    from backend import database
    from backend.migrate import migrate_if_pending
    from backend.settings import read_settings

    async def whole() -> T:
        settings = read_settings()
        await migrate_if_pending(await asyncio.to_thread(database.database_url, settings))
        async with database.opened(settings):
            return await work()

    try:
        with asyncio.Runner(loop_factory=loop_factory) as runner:
            return runner.run(whole())
    except LiftroundsError as error:
        fail(error)
        sys.exit(EXIT_WRONG_USE)


def main(args: list[str] | None = None) -> Any:
    """Run the command line; the entry point of the installed script."""
    try:
        return liftrounds(args=args, prog_name="liftrounds")
    except LiftroundsError as error:
        fail(error)
    except (OSError, QrError) as error:  # a folder that cannot be written, a key file that was changed
        if isinstance(error, OSError) and error.filename is None:
            raise
        click.secho(f"Error: {error}", fg="red", err=True)
    sys.exit(EXIT_WRONG_USE)


if __name__ == "__main__":
    main()

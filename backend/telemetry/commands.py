"""`liftrounds ingest` takes telemetry from an MQTT broker, `liftrounds simulate` makes some."""

from __future__ import annotations

import asyncio
import csv
import json
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click
import msgspec

from backend import clock, logs
from backend.cli import EXIT_FINDING, run_with_database
from backend.errors import Fault, InvalidInput, Unavailable
from backend.settings import DEFAULT_TIME_ZONE, read_settings

if TYPE_CHECKING:
    from backend.telemetry.outlets import Sent
    from planner.simulate import SimulatedElevator


@click.command()
@click.option("--mqtt", metavar="URL", help="Broker: mqtt[s]://[user:password@]host[:port].  [default: LIFTROUNDS_MQTT_URL]")
@click.option("--share", metavar="GROUP", help="Share the messages out among all consumers of this group.")
@click.option("--client-id", metavar="NAME", help="Name of the session at the broker; one for each consumer of a host.")
@click.option("--require-key", is_flag=True, help="Take only messages that carry their device's key.")
@click.option("--no-answers", is_flag=True, help="Do not publish to …/answer what became of a message.")
@click.option("--with-broker", is_flag=True, help="Run a small broker too, at the address of --mqtt, on this machine only.")
def ingest(
    mqtt: str | None, share: str | None, client_id: str | None, require_key: bool, no_answers: bool, with_broker: bool
) -> None:
    """Take telemetry from an MQTT broker until told to stop.

    A message is acknowledged when it is stored: what is published while this is away comes later, and counts once. SIGTERM
    or Ctrl-C ends it after what was received has been stored. Devices publish to liftrounds/v1/{device}/telemetry; the body
    is that of POST /api/v1/telemetry, with "key" beside "records" where the broker lets anybody publish. Topics of other
    formats (ThingsBoard, JTC340, ES1500, BACnet, GB/T 24476) stand in docs/adapters.md.

    \b
    Examples:
      liftrounds ingest --mqtt mqtt://user:password@broker:1883
      liftrounds ingest --share liftrounds --client-id ingest-2
      liftrounds ingest --with-broker
    """
    from backend.processes import collect_rarely
    from backend.telemetry.broker import broker
    from backend.telemetry.mqtt import DEFAULT_URL, Intake, consume, parse_url

    settings = read_settings()
    logs.configure(settings)
    url = mqtt or settings.mqtt_url or DEFAULT_URL
    address = parse_url(url)
    intake = Intake(url=url, share=share, client_id=client_id, require_key=require_key, answers=not no_answers)

    async def work() -> None:
        stop = asyncio.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
        async with AsyncExitStack() as stack:
            if with_broker:
                await stack.enter_async_context(broker(address.host, address.port))
            collect_rarely()
            counts = await consume(intake, stop)
        click.echo(
            f"{counts.messages} messages: {counts.accepted} records taken, {counts.duplicates} known already,"
            f" {counts.rejected} rejected; {counts.bad_messages} messages not taken",
            err=True,
        )

    run_with_database(work, loop_factory=_quick_loop())


def _quick_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes a quicker event loop, where the platform has one."""
    try:
        import uvloop
    except ImportError:
        return None
    return uvloop.new_event_loop


@click.command()
@click.option("--elevators", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many.")
@click.option(
    "--days", type=click.FloatRange(min=0, min_open=True, max=1800), default=30.0, show_default=True, help="How long."
)
@click.option("--seed", type=int, help="The same seed tells the same.  [default: that of --devices, or 1]")
@click.option("--until", metavar="TIME", help="The end, ISO 8601 with its zone.  [default: now]")
@click.option("--zone", default=DEFAULT_TIME_ZONE, show_default=True, metavar="ZONE", help="Whose days and nights.")
@click.option(
    "--codes", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Registration codes, one a line, instead of made-up ones.",
)  # fmt: skip
@click.option(
    "--devices", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Elevators with their keys: the demo.json of `liftrounds demo`.",
)  # fmt: skip
@click.option(
    "--register", type=click.Path(dir_okay=False, path_type=Path), help="Also write the fleet for `liftrounds import`."
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write one record a line; - is standard output.")
@click.option("--post", metavar="URL", help="Send to an installation, such as http://127.0.0.1:8000.")
@click.option("--mqtt", metavar="URL", help="Publish to a broker, such as mqtt://127.0.0.1:1883.")
@click.option("--key", metavar="KEY", help="Device key for --post; put into the messages of --mqtt.")
@click.option("--device", metavar="NAME", help="Device in the topic of --mqtt.  [default: each elevator's registration code]")
@click.option("--batch", type=click.IntRange(1, 10_000), default=500, show_default=True, help="Records sent at once.")
def simulate(
    elevators: int, days: float, seed: int | None, until: str | None, zone: str, codes: Path | None, devices: Path | None,
    register: Path | None, out: Path | None, post: str | None, mqtt: str | None, key: str | None, device: str | None,
    batch: int,
) -> None:  # fmt: skip
    """Make the telemetry of a simulated fleet: usage by building and hour, faults, outages, restarts.

    Exit code 1 if some records were rejected by the installation they were sent to.

    \b
    Examples:
      liftrounds simulate --elevators 200 --days 35 --out fleet.jsonl --register fleet.csv
      liftrounds simulate --devices demo.json --days 2 --post http://127.0.0.1:8000
      liftrounds simulate --codes codes.txt --days 1 --mqtt mqtt://127.0.0.1:1883 --device gateway-1 --key lrd_…
    """
    from planner.simulate import elevator, fleet, fleet_records

    if sum(given is not None for given in (out, post, mqtt)) > 1:
        raise click.UsageError("give one of --out, --post and --mqtt")
    end = _instant(until)
    offset_s = _offset_s(zone, end)
    told = _Devices(devices=[]) if devices is None else _devices(devices)
    seed = told.seed if seed is None else seed
    rows = told.devices
    keys = ({} if key is None else {"": key}) | {row.elevator: row.key for row in rows}
    if codes is not None:
        rows = [_Device(elevator=code) for code in codes.read_text("utf-8-sig").split()]
    chosen = [elevator(row.elevator, row.kind, seed, stops=row.stops) for row in rows] or fleet(elevators, seed)
    if register is not None:
        _write_register(chosen, register)
    records = fleet_records(chosen, end - timedelta(days=days), end, utc_offset_s=offset_s)
    with _bar(int(len(chosen) * days * 24)) as done:
        sent = _send(records, out, post, mqtt, keys, device, batch, done)
    if sent is not None:
        _tell(sent)


def _send(
    records: Iterator[dict[str, Any]], out: Path | None, post: str | None, mqtt: str | None, keys: dict[str, str],
    device: str | None, batch: int, done: Callable[[int], None],
) -> Sent | None:  # fmt: skip
    """Let records go where they are wanted; None where nobody answers."""
    from backend.telemetry import outlets

    if post is not None:
        return outlets.post(records, post, keys, batch, done)
    if mqtt is not None:
        return asyncio.run(outlets.publish(records, mqtt, keys, device, batch, done))
    if out is None or str(out) == "-":
        outlets.write(records, sys.stdout, done)
        return None
    try:
        with out.open("w", encoding="utf-8") as file:
            outlets.write(records, file, done)
    except OSError as error:
        raise Unavailable("the file cannot be written: {reason}", reason=str(error)) from error
    return None


def _tell(sent: Sent) -> None:
    click.echo(
        f"{sent.records} records sent: {sent.accepted} taken, {sent.duplicates} known already, {sent.rejected} rejected",
        err=True,
    )
    for reason in sent.first_reasons:
        click.echo(f"  {reason}", err=True)
    if sent.rejected:
        sys.exit(EXIT_FINDING)


def _instant(text: str | None) -> datetime:
    if text is None:
        return clock.now()
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        fault = Fault("--until", text, "use ISO 8601 with its zone, such as 2026-01-31T08:00:00+08:00")
        raise InvalidInput("this is no instant", faults=[fault])
    return at


def _offset_s(zone: str, at: datetime) -> int:
    try:
        offset = at.astimezone(ZoneInfo(zone)).utcoffset()
    except (ValueError, OSError, LookupError) as error:
        fault = Fault("--zone", zone, "use an IANA name, such as Asia/Shanghai")
        raise InvalidInput("there is no such time zone", faults=[fault]) from error
    return 0 if offset is None else int(offset.total_seconds())


class _Device(msgspec.Struct, frozen=True, kw_only=True):
    """An elevator to simulate, as a file names it."""

    elevator: str
    key: str = ""
    kind: str = "residential"
    """Of its building."""

    stops: int | None = None


class _Devices(msgspec.Struct, frozen=True, kw_only=True):
    """A file like `demo.json`."""

    devices: list[_Device]
    seed: int = 1


def _devices(path: Path) -> _Devices:
    try:
        told = json.loads(path.read_text("utf-8"))
        return msgspec.convert(told if isinstance(told, dict) else {"devices": told}, _Devices)
    except (ValueError, msgspec.MsgspecError) as error:
        fault = Fault("--devices", str(path), 'use a file like demo.json: {"devices": [{"elevator": "…", "key": "…"}]}')
        raise InvalidInput("these are no devices", faults=[fault]) from error


def _write_register(chosen: list[SimulatedElevator], path: Path) -> None:
    try:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["registration_code", "unit_name", "site_code", "site", "site_kind"])
            for number, one in enumerate(chosen):
                site = f"SIM-{number // 4 + 1:04d}"  # four elevators to a building
                writer.writerow([one.registration_code, f"{number % 4 + 1}#", site, f"Simulated building {site}", one.kind])
    except OSError as error:
        raise Unavailable("the file cannot be written: {reason}", reason=str(error)) from error


@contextmanager
def _bar(total: int) -> Iterator[Callable[[int], None]]:
    """Show how far it is, on the error stream."""
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (TextColumn("Telemetry"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as progress:
        task = progress.add_task("", total=total)
        yield lambda count: progress.advance(task, count)

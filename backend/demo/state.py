"""What the demo remembers: `demo-state.json` as long as the city is there, `demo.json` while it is served."""

from __future__ import annotations

import os
from pathlib import Path

import msgspec
from msgspec import Struct

from backend.errors import Conflict
from backend.settings import Settings


class DemoAccount(Struct, frozen=True, kw_only=True):
    """Somebody who can sign in."""

    role: str
    login: str
    password: str


class DemoLabel(Struct, frozen=True, kw_only=True):
    """A label to scan."""

    code: str
    """`{id}-{mac}`, as in `/e/{code}`."""

    registration_code: str | None
    """None for a blank one."""

    state: str


class DemoZoneLabel(Struct, frozen=True, kw_only=True):
    """A second label of an elevator, which proves a zone and neither opens nor ends a visit."""

    code: str
    registration_code: str
    zone: str
    """Where it hangs: `machine_room`, `car_top` or `pit`."""


class DemoDevice(Struct, frozen=True, kw_only=True):
    """A telemetry source with its key."""

    elevator: str
    """Registration code."""

    key: str


class DemoFile(Struct, frozen=True, kw_only=True):
    """`demo.json`: what a visitor, a script or a test needs to use the demo."""

    base_url: str
    accounts: list[DemoAccount]
    labels: list[DemoLabel]
    """Of the cars, and blank ones."""

    devices: list[DemoDevice]
    zone_labels: list[DemoZoneLabel] = []


class DemoState(Struct, frozen=True, kw_only=True):
    """What was built."""

    city: str
    elevators: int
    accounts: list[DemoAccount]
    labels: list[DemoLabel]
    devices: list[DemoDevice]
    showpiece: str
    """Code of the label that is shown on the screen."""

    zone_labels: list[DemoZoneLabel] = []


class DemoLoading(Struct, frozen=True, kw_only=True):
    """`demo-loading.json`: a city is being loaded."""

    note: str = "a demo is being loaded; if this file stays behind, the next start begins anew"


def _loading_path(settings: Settings) -> Path:
    return settings.data_dir / "demo-loading.json"


def state_path(settings: Settings) -> Path:
    """Return the file of what was built."""
    return settings.data_dir / "demo-state.json"


def demo_path(settings: Settings) -> Path:
    """Return the file that says that the demo is served."""
    return settings.data_dir / "demo.json"


def begin(settings: Settings) -> None:
    """Note that a city is being loaded: if that is cut off, the next start begins anew."""
    _write(_loading_path(settings), DemoLoading())


def is_half_loaded(settings: Settings) -> bool:
    """Return whether a city was being loaded and never finished."""
    return _loading_path(settings).exists()


def load(settings: Settings) -> DemoState | None:
    """Return what was built before, None if nothing was.

    Raises
    ------
    Conflict
        If the file is none of this version's.
    """
    path = state_path(settings)
    if not path.exists():
        return None
    try:
        return msgspec.json.decode(path.read_bytes(), type=DemoState)
    except msgspec.DecodeError as error:
        raise Conflict("{path} cannot be read ({reason}): start anew with --reset", path=path, reason=str(error)) from error


def save(settings: Settings, state: DemoState) -> None:
    """Remember what was built."""
    _write(state_path(settings), state)
    _loading_path(settings).unlink(missing_ok=True)


def announce(settings: Settings, state: DemoState) -> None:
    """Write `demo.json`: the demo is served now."""
    found = DemoFile(
        base_url=settings.public_url, accounts=state.accounts, labels=state.labels, devices=state.devices,
        zone_labels=state.zone_labels,
    )  # fmt: skip
    _write(demo_path(settings), found)


def withdraw(settings: Settings) -> None:
    """Remove `demo.json`: the demo is not served any more."""
    demo_path(settings).unlink(missing_ok=True)


def forget(settings: Settings) -> None:
    """Remove all files of the demo."""
    withdraw(settings)
    _loading_path(settings).unlink(missing_ok=True)
    state_path(settings).unlink(missing_ok=True)


def _write(path: Path, content: Struct) -> None:
    """Write a file with passwords: readable by its owner only, and never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}")
    part.touch(mode=0o600)
    part.write_bytes(msgspec.json.format(msgspec.json.encode(content), indent=1))
    part.replace(path)

"""Settings: the only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct

from backend.errors import Fault, InvalidInput

DEFAULT_PORT = 8000
LEAST_RECORDS_MONTHS = 3
"""Shorter, and a monitor that was offline for a season could not send what it kept."""

LEAST_USAGE_MONTHS = 48
"""Records of maintenance are kept for four years at least (TSG T5002-2017), and hours and events are evidence of visits."""

LEAST_PHOTOS_MONTHS = 1
"""Photos show people's workplaces: who needs them for the review of a visit only may delete them soon."""

LEAST_MESSAGES_MONTHS = 3
"""Shorter, and nobody could tell an owner or an inspector who asks after a season whether somebody was told."""

_EMULATED = "demo-"
"""Beginning of the names of projects that exist in emulators only (Firebase's own rule)."""

_MOST_MONTHS = 1200
_DEFAULT_MONTHS = 61

DEFAULT_TIME_ZONE = "Asia/Shanghai"


class Settings(Struct, frozen=True, kw_only=True):
    """What an installation sets; every field has a default, so that every command works with nothing set."""

    data_dir: Path
    """Folder of the embedded database, uploads and keys (`LIFTROUNDS_DATA_DIR`)."""

    database_url: str | None = None
    """PostgreSQL ≥ 15 by URL (`LIFTROUNDS_DATABASE_URL`); None starts the embedded server in `data_dir`."""

    host: str = "127.0.0.1"
    """Address to listen on (`LIFTROUNDS_HOST`)."""

    port: int = DEFAULT_PORT
    """TCP port to listen on, 1..65535 (`LIFTROUNDS_PORT`)."""

    public_url: str = f"http://127.0.0.1:{DEFAULT_PORT}"
    """Address that phones open and that labels carry, without a trailing slash (`LIFTROUNDS_PUBLIC_URL`)."""

    mqtt_url: str | None = None
    """MQTT broker, `mqtt://[user:password@]host[:port]` (`LIFTROUNDS_MQTT_URL`); None takes telemetry over HTTP only."""

    cluster: str | None = None
    """Scheduler of a Dask cluster that plan runs search on, `tcp://host:port` (`LIFTROUNDS_CLUSTER`); None: this machine."""

    travel: str = "estimate"
    """Where travel times come from: `estimate`, `osrm:URL`, `valhalla:URL` or `roads:FILE.osm.pbf` (`LIFTROUNDS_TRAVEL`)."""

    sms_url: str | None = None
    """Apprise address of an SMS gateway, with `{phone}` where the number goes (`LIFTROUNDS_SMS_URL`); None sends no SMS."""

    mail_url: str | None = None
    """Apprise address of a mail server, with `{email}` where the address goes (`LIFTROUNDS_MAIL_URL`); None sends no mail."""

    message_file: Path | None = None
    """File that takes what no gateway is set for, one JSON object a line (`LIFTROUNDS_MESSAGE_FILE`); for trying only."""

    fcm_account: Path | None = None
    """Service account file of a Firebase project (`LIFTROUNDS_FCM_ACCOUNT`); None sends no pushes by FCM. Phone sign-in asks
    with it whether a sign-in was taken back."""

    fcm_url: str | None = None
    """Address that takes FCM's place (`LIFTROUNDS_FCM_URL`), such as a relay; None is Google's."""

    firebase_project: str | None = None
    """Firebase project whose phone sign-in technicians may use (`LIFTROUNDS_FIREBASE_PROJECT`); None offers none."""

    firebase_api_key: str = ""
    """Web API key of that project, which browsers see (`LIFTROUNDS_FIREBASE_API_KEY`)."""

    auth_emulator: str | None = None
    """`host:port` of Firebase's Auth emulator (`FIREBASE_AUTH_EMULATOR_HOST`), whose tokens nobody signs; for tests only."""

    outbound_hosts: tuple[str, ...] = ()
    """`host` or `host:port` that pushes and bots may go to beside the known services (`LIFTROUNDS_OUTBOUND_HOSTS`)."""

    keep_records_months: int = _DEFAULT_MONTHS
    """Months that telemetry records are kept beside the present one (`LIFTROUNDS_KEEP_RECORDS_MONTHS`)."""

    keep_usage_months: int = _DEFAULT_MONTHS
    """The same of hours and events (`LIFTROUNDS_KEEP_USAGE_MONTHS`); days are kept for good."""

    keep_photos_months: int = _DEFAULT_MONTHS
    """Months that the files of photos are kept after they came in (`LIFTROUNDS_KEEP_PHOTOS_MONTHS`); their hashes are kept."""

    keep_messages_months: int = _DEFAULT_MONTHS
    """Months that messages and their delivery log are kept (`LIFTROUNDS_KEEP_MESSAGES_MONTHS`); rescues are kept for good."""

    log_level: str = "INFO"
    """Lowest level that is logged (`LIFTROUNDS_LOG_LEVEL`)."""

    log_json: bool = False
    """Log one JSON object a line instead of text for people (`LIFTROUNDS_LOG_JSON`)."""

    @property
    def kept_months(self) -> dict[str, int]:
        """Table of telemetry → months that it is kept."""
        usage = self.keep_usage_months
        return {"telemetry_record": self.keep_records_months, "elevator_hour": usage, "telemetry_event": usage}

    @property
    def secure_cookies(self) -> bool:
        """Whether cookies are sent over HTTPS only: when the public address is HTTPS."""
        return self.public_url.startswith("https://")


def default_data_dir(environ: Mapping[str, str], home: Path, is_root: bool) -> Path:
    """Return the folder used when `LIFTROUNDS_DATA_DIR` is not set.

    Root gets a system folder: the embedded server opens the parents of its folder for reading, and nobody wants that of
    root's home.
    """
    if is_root:
        return Path("/var/lib/liftrounds")
    base = environ.get("XDG_DATA_HOME")
    return (Path(base) if base else home / ".local" / "share") / "liftrounds"


def read_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Read the settings from the environment.

    Parameters
    ----------
    environ
        Names and values; the process's own environment when None.

    Raises
    ------
    InvalidInput
        With one fault per setting that cannot be used, naming the setting and its value.
    """
    env = os.environ if environ is None else environ
    faults: list[Fault] = []
    port = _port(env.get("LIFTROUNDS_PORT", ""), faults)
    host = env.get("LIFTROUNDS_HOST") or "127.0.0.1"
    is_root = hasattr(os, "geteuid") and os.geteuid() == 0
    data_dir = env.get("LIFTROUNDS_DATA_DIR")
    settings = Settings(
        data_dir=Path(data_dir).expanduser().absolute() if data_dir else default_data_dir(env, Path.home(), is_root),
        database_url=_url(env, "LIFTROUNDS_DATABASE_URL", ("postgresql", "postgres"), faults),
        host=host,
        port=port,
        public_url=(_url(env, "LIFTROUNDS_PUBLIC_URL", ("http", "https"), faults) or _local_url(host, port)).rstrip("/"),
        mqtt_url=_url(env, "LIFTROUNDS_MQTT_URL", ("mqtt", "mqtts"), faults),
        cluster=_url(env, "LIFTROUNDS_CLUSTER", ("tcp", "tls"), faults),
        travel=_travel(env.get("LIFTROUNDS_TRAVEL", ""), faults),
        sms_url=_gateway(env, "LIFTROUNDS_SMS_URL", faults),
        mail_url=_gateway(env, "LIFTROUNDS_MAIL_URL", faults),
        message_file=_file(env, "LIFTROUNDS_MESSAGE_FILE"),
        fcm_account=_file(env, "LIFTROUNDS_FCM_ACCOUNT"),
        fcm_url=_url(env, "LIFTROUNDS_FCM_URL", ("http", "https"), faults),
        firebase_project=env.get("LIFTROUNDS_FIREBASE_PROJECT") or None,
        firebase_api_key=env.get("LIFTROUNDS_FIREBASE_API_KEY", ""),
        auth_emulator=env.get("FIREBASE_AUTH_EMULATOR_HOST") or None,
        outbound_hosts=tuple(
            filter(None, (each.strip().lower() for each in env.get("LIFTROUNDS_OUTBOUND_HOSTS", "").split(",")))
        ),
        keep_records_months=_months(env, "LIFTROUNDS_KEEP_RECORDS_MONTHS", LEAST_RECORDS_MONTHS, faults),
        keep_usage_months=_months(env, "LIFTROUNDS_KEEP_USAGE_MONTHS", LEAST_USAGE_MONTHS, faults),
        keep_photos_months=_months(env, "LIFTROUNDS_KEEP_PHOTOS_MONTHS", LEAST_PHOTOS_MONTHS, faults),
        keep_messages_months=_months(env, "LIFTROUNDS_KEEP_MESSAGES_MONTHS", LEAST_MESSAGES_MONTHS, faults),
        log_level=env.get("LIFTROUNDS_LOG_LEVEL", "INFO").upper(),
        log_json=env.get("LIFTROUNDS_LOG_JSON", "") not in ("", "0", "false"),
    )
    if settings.log_level not in ("DEBUG", "INFO", "WARNING", "ERROR"):
        faults.append(Fault("LIFTROUNDS_LOG_LEVEL", settings.log_level, "use DEBUG, INFO, WARNING or ERROR"))
    if settings.keep_records_months > settings.keep_usage_months:
        reason = "keep records no longer than hours and events: a late record would count in an hour that is gone"
        faults.append(Fault("LIFTROUNDS_KEEP_RECORDS_MONTHS", str(settings.keep_records_months), reason))
    faults += _phone_sign_in_faults(settings)
    if faults:
        raise InvalidInput("the settings cannot be used", faults=faults)
    return settings


def _phone_sign_in_faults(settings: Settings) -> list[Fault]:
    """Return what is wrong with phone sign-in: half of its settings, or an emulator where people really work."""
    faults = []
    project, emulator = settings.firebase_project, settings.auth_emulator
    if emulator is not None and (settings.secure_cookies or not (project or _EMULATED).startswith(_EMULATED)):
        reason = (
            f"unset it: anybody signs in with an emulator's tokens, so it goes with a project named {_EMULATED}… and without"
            " HTTPS only"
        )
        faults.append(Fault("FIREBASE_AUTH_EMULATOR_HOST", emulator, reason))
    if project is not None and emulator is None:
        if not settings.firebase_api_key:
            faults.append(Fault("LIFTROUNDS_FIREBASE_API_KEY", None, "give the web API key of LIFTROUNDS_FIREBASE_PROJECT"))
        if settings.fcm_account is None:
            reason = "give the service account file of LIFTROUNDS_FIREBASE_PROJECT: sign-ins that were taken back are asked for"
            faults.append(Fault("LIFTROUNDS_FCM_ACCOUNT", None, reason))
    return faults


def environment_of(settings: Settings) -> dict[str, str]:
    """Return the environment of a child process that is to have these settings; everything else is handed on."""
    ours = {
        "LIFTROUNDS_DATA_DIR": str(settings.data_dir),
        "LIFTROUNDS_DATABASE_URL": settings.database_url or "",
        "LIFTROUNDS_HOST": settings.host,
        "LIFTROUNDS_PORT": str(settings.port),
        "LIFTROUNDS_PUBLIC_URL": settings.public_url,
        "LIFTROUNDS_MQTT_URL": settings.mqtt_url or "",
        "LIFTROUNDS_CLUSTER": settings.cluster or "",
        "LIFTROUNDS_TRAVEL": settings.travel,
        "LIFTROUNDS_SMS_URL": settings.sms_url or "",
        "LIFTROUNDS_MAIL_URL": settings.mail_url or "",
        "LIFTROUNDS_MESSAGE_FILE": str(settings.message_file or ""),
        "LIFTROUNDS_FCM_ACCOUNT": str(settings.fcm_account or ""),
        "LIFTROUNDS_FCM_URL": settings.fcm_url or "",
        "LIFTROUNDS_FIREBASE_PROJECT": settings.firebase_project or "",
        "LIFTROUNDS_FIREBASE_API_KEY": settings.firebase_api_key,
        "FIREBASE_AUTH_EMULATOR_HOST": settings.auth_emulator or "",
        "LIFTROUNDS_OUTBOUND_HOSTS": ",".join(settings.outbound_hosts),
        "LIFTROUNDS_KEEP_RECORDS_MONTHS": str(settings.keep_records_months),
        "LIFTROUNDS_KEEP_USAGE_MONTHS": str(settings.keep_usage_months),
        "LIFTROUNDS_KEEP_PHOTOS_MONTHS": str(settings.keep_photos_months),
        "LIFTROUNDS_KEEP_MESSAGES_MONTHS": str(settings.keep_messages_months),
        "LIFTROUNDS_LOG_LEVEL": settings.log_level,
        "LIFTROUNDS_LOG_JSON": "1" if settings.log_json else "0",
    }
    return os.environ | ours


def with_address(host: str | None, port: int | None) -> Settings:
    """Read the settings with another address to listen on, for this process and all that it starts.

    Parameters
    ----------
    host, port
        None leaves what the environment says.
    """
    for name, value in (("LIFTROUNDS_HOST", host), ("LIFTROUNDS_PORT", port)):
        if value is not None:
            os.environ[name] = str(value)
    return read_settings()


def share_metrics(folder: Path) -> None:
    """Have the processes that this one starts count their requests together, in files of a folder."""
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def _local_url(host: str, port: int) -> str:
    """Return the address under which this machine reaches the server."""
    return f"http://{'127.0.0.1' if host in ('0.0.0.0', '::') else host}:{port}"  # noqa: S104 - compared, not bound


def _port(text: str, faults: list[Fault]) -> int:
    if not text:
        return DEFAULT_PORT
    if text.isascii() and text.isdigit() and 1 <= int(text) <= 65_535:
        return int(text)
    faults.append(Fault("LIFTROUNDS_PORT", text, "use a whole number from 1 to 65535"))
    return DEFAULT_PORT


def _months(env: Mapping[str, str], name: str, least: int, faults: list[Fault]) -> int:
    text = env.get(name) or str(_DEFAULT_MONTHS)
    if text.isascii() and text.isdigit() and least <= int(text) <= _MOST_MONTHS:
        return int(text)
    faults.append(Fault(name, text[:20], f"use a whole number of months from {least} to {_MOST_MONTHS}"))
    return _DEFAULT_MONTHS


def _travel(text: str, faults: list[Fault]) -> str:
    if text in ("", "estimate"):
        return "estimate"
    from backend.travel.spec import WAY_OUT, parse_spec

    if parse_spec(text) is None:
        # The address may carry a password, so it is not repeated.
        faults.append(Fault("LIFTROUNDS_TRAVEL", None, WAY_OUT))
        return "estimate"
    return text


def _gateway(env: Mapping[str, str], name: str, faults: list[Fault]) -> str | None:
    """Return an Apprise address; which services there are is found out when it is used."""
    value = env.get(name)
    if not value:
        return None
    scheme, _, rest = value.partition("://")
    if not scheme.isalnum() or not rest:
        # The value carries the gateway's key, so it is not repeated.
        faults.append(Fault(name, None, "use an Apprise address such as twilio://… or mailtos://…"))
    return value


def _file(env: Mapping[str, str], name: str) -> Path | None:
    value = env.get(name)
    return Path(value).expanduser().absolute() if value else None


def _url(env: Mapping[str, str], name: str, schemes: tuple[str, ...], faults: list[Fault]) -> str | None:
    value = env.get(name)
    if not value:
        return None
    try:
        parts = urlsplit(value)
        known = parts.scheme in schemes and (parts.port is None or parts.port > 0)
    except ValueError:  # a bracket without its pair, a port that is no number
        known = False
    if not known:
        # The value may carry a password, so it is not repeated.
        faults.append(Fault(name, None, f"use an address that begins with {' or '.join(s + '://' for s in schemes)}"))
    return value

"""Settings: every one has a default, and each wrong one is named with the way out."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.errors import InvalidInput
from backend.settings import Settings, default_data_dir, environment_of, read_settings


def test_with_nothing_set_everything_has_a_value() -> None:
    settings = read_settings({})
    assert (settings.host, settings.port, settings.public_url) == ("127.0.0.1", 8000, "http://127.0.0.1:8000")
    assert settings.database_url is None
    assert settings.mqtt_url is None


def test_the_public_address_follows_the_port_and_loses_its_slash() -> None:
    assert read_settings({"LIFTROUNDS_PORT": "9001"}).public_url == "http://127.0.0.1:9001"
    assert read_settings({"LIFTROUNDS_HOST": "0.0.0.0", "LIFTROUNDS_PORT": "80"}).public_url == "http://127.0.0.1:80"  # noqa: S104
    assert read_settings({"LIFTROUNDS_PUBLIC_URL": "https://x.example/"}).public_url == "https://x.example"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("LIFTROUNDS_PORT", "0"), ("LIFTROUNDS_PORT", "65536"), ("LIFTROUNDS_PORT", "८०"), ("LIFTROUNDS_PORT", "80a"),
        ("LIFTROUNDS_DATABASE_URL", "mysql://x"), ("LIFTROUNDS_DATABASE_URL", "postgresql://u:secret@[bad/x"),
        ("LIFTROUNDS_DATABASE_URL", "postgresql://u:secret@h:99999/x"), ("LIFTROUNDS_PUBLIC_URL", "lift.example"),
        ("LIFTROUNDS_MQTT_URL", "http://x"), ("LIFTROUNDS_CLUSTER", "10.0.0.5:8786"),
        ("LIFTROUNDS_TRAVEL", "osrm:h:5000"), ("LIFTROUNDS_TRAVEL", "osrm:http://u:secret@[bad/x"),
        ("LIFTROUNDS_LOG_LEVEL", "LOUD"),
    ],
)  # fmt: skip
def test_a_setting_that_cannot_be_used_is_named_without_its_password(name: str, value: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings({name: value})
    (fault,) = refused.value.faults
    assert fault.path == name
    assert fault.reason
    assert "secret" not in str(fault)


def test_all_wrong_settings_are_told_at_once() -> None:
    with pytest.raises(InvalidInput) as refused:
        read_settings({"LIFTROUNDS_PORT": "x", "LIFTROUNDS_LOG_LEVEL": "x", "LIFTROUNDS_MQTT_URL": "x"})
    assert len(refused.value.faults) == 3


def test_a_child_process_reads_the_same_settings(tmp_path: Path) -> None:
    settings = Settings(
        data_dir=tmp_path,
        port=9002,
        public_url="https://x.example",
        mqtt_url="mqtt://b",
        cluster="tcp://c",
        log_json=True,
        travel="osrm:http://h:5000",
    )
    assert read_settings(environment_of(settings)) == settings


def test_root_gets_a_system_folder_and_others_one_of_their_own(tmp_path: Path) -> None:
    assert default_data_dir({}, tmp_path, is_root=True) == Path("/var/lib/liftrounds")
    assert default_data_dir({}, tmp_path, is_root=False) == tmp_path / ".local" / "share" / "liftrounds"
    assert default_data_dir({"XDG_DATA_HOME": "/d"}, tmp_path, is_root=False) == Path("/d/liftrounds")


def test_cookies_are_secure_where_the_public_address_is_https(tmp_path: Path) -> None:
    assert Settings(data_dir=tmp_path, public_url="https://x.example").secure_cookies
    assert not Settings(data_dir=tmp_path).secure_cookies


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"LIFTROUNDS_FIREBASE_PROJECT": "p"}, ["LIFTROUNDS_FIREBASE_API_KEY", "LIFTROUNDS_FCM_ACCOUNT"]),
        ({"LIFTROUNDS_FIREBASE_PROJECT": "p", "LIFTROUNDS_FIREBASE_API_KEY": "k", "LIFTROUNDS_FCM_ACCOUNT": "/f"}, []),
        ({"FIREBASE_AUTH_EMULATOR_HOST": "h:1", "LIFTROUNDS_FIREBASE_PROJECT": "demo-p"}, []),
        ({"FIREBASE_AUTH_EMULATOR_HOST": "h:1", "LIFTROUNDS_FIREBASE_PROJECT": "p"}, ["FIREBASE_AUTH_EMULATOR_HOST"]),
        (
            {
                "FIREBASE_AUTH_EMULATOR_HOST": "h:1", "LIFTROUNDS_FIREBASE_PROJECT": "demo-p",
                "LIFTROUNDS_PUBLIC_URL": "https://x.example",
            },
            ["FIREBASE_AUTH_EMULATOR_HOST"],
        ),
    ],
)  # fmt: skip
def test_phone_sign_in_is_set_up_whole_and_never_by_an_emulator_where_people_work(
    given: dict[str, str], named: list[str]
) -> None:  # fmt: skip
    try:
        read_settings(given)
        faults = []
    except InvalidInput as error:
        faults = [fault.path for fault in error.faults]
    assert faults == named

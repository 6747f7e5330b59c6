"""The app's policy lets in what phone sign-in needs, and only where it is set up."""

from __future__ import annotations

from pathlib import Path

from backend.settings import Settings
from mobile_api.pages.technician_app import POLICY, policy_of


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split(";"))}


def test_without_phone_sign_in_nothing_comes_from_elsewhere(tmp_path: Path) -> None:
    assert policy_of(Settings(data_dir=tmp_path)) == POLICY
    assert "http" not in POLICY


def test_with_it_scripts_come_from_recaptcha_and_numbers_go_to_firebase(tmp_path: Path) -> None:
    found = directives(policy_of(Settings(data_dir=tmp_path, firebase_project="p")))
    assert "https://identitytoolkit.googleapis.com" in found["connect-src"]
    assert "https://www.google.com/recaptcha/" in found["script-src"]
    assert "https://www.google.com/recaptcha/" in found["frame-src"]
    assert "'unsafe-inline'" not in found["script-src"]
    assert found["default-src"] == ["'none'"]


def test_with_the_emulator_only_its_address_is_added(tmp_path: Path) -> None:
    found = directives(policy_of(Settings(data_dir=tmp_path, firebase_project="demo-p", auth_emulator="127.0.0.1:9099")))
    assert found == directives(POLICY) | {"connect-src": ["'self'", "http://127.0.0.1:9099"]}

"""The build hook: what it builds, when it does nothing, what it says when it cannot."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.support.technician_app import DIST, ROOT, SOURCES, build_hook, built

WEB = Path("mobile_api", "web")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Sources as in a fresh clone."""
    shutil.copytree(SOURCES, tmp_path / WEB / "technician", ignore=shutil.ignore_patterns("node_modules", "tests"))
    return tmp_path


def test_what_is_built_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("nothing has changed"))
    build_hook().build(ROOT)


@pytest.mark.parametrize("changed", ["src/main.tsx", "package-lock.json", "public/icon.svg", "tools/worker.ts", "index.html"])
def test_a_changed_source_is_built_anew(checkout: Path, changed: str) -> None:
    source = checkout / WEB / "technician"
    before = build_hook().hash_of(source)
    assert before == build_hook().hash_of(SOURCES)
    with (source / changed).open("a") as file:
        file.write("\n")
    assert build_hook().hash_of(source) != before


def test_tests_and_packages_are_no_sources(checkout: Path) -> None:
    source = checkout / WEB / "technician"
    before = build_hook().hash_of(source)
    (source / "tests").mkdir()
    (source / "tests" / "x.test.ts").write_text("")
    (source / "node_modules").mkdir()
    (source / "node_modules" / "x.js").write_text("")
    assert build_hook().hash_of(source) == before


def test_without_a_network_it_says_what_to_do(checkout: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "cache"))
    with pytest.raises(RuntimeError, match="could not be fetched") as refused:
        build_hook().build(checkout)
    assert "LIFTROUNDS_SKIP_WEB_BUILD=1" in str(refused.value)
    monkeypatch.setenv("LIFTROUNDS_SKIP_WEB_BUILD", "1")
    build_hook().build(checkout)
    assert not (checkout / WEB / "dist" / "index.html").exists()


def test_a_failed_build_leaves_no_mark_of_being_built(checkout: Path) -> None:
    source = checkout / WEB / "technician"
    (source / "node_modules").symlink_to(SOURCES / "node_modules")
    (source / "src" / "main.tsx").write_text("import './nothing';")
    with pytest.raises(RuntimeError, match="could not be built"):
        build_hook().build(checkout)
    assert not (checkout / WEB / "dist" / build_hook().STAMP).exists()


def test_the_package_takes_the_built_files(monkeypatch: pytest.MonkeyPatch) -> None:
    built()
    data: dict[str, Any] = {"artifacts": []}
    hook = build_hook().WebBuild(str(ROOT), {}, None, None, "", "wheel")
    hook.initialize("standard", data)
    assert data["artifacts"] == ["mobile_api/web/dist/**"]
    assert (DIST / "index.html").is_file()

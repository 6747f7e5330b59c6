"""Every line of the log, ours or a library's, has one form and carries the ids that are bound to it."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from backend import logs
from backend.settings import Settings


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    """Leave logging as it was."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def _lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_with_the_bound_ids(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_json=True))
    structlog.contextvars.bind_contextvars(request_id="r1")
    structlog.get_logger("backend.rounds").info("run finished", crew="椒江一组")
    [line] = _lines(capsys)
    assert line["event"] == "run finished"
    assert (line["request_id"], line["crew"], line["level"], line["logger"]) == ("r1", "椒江一组", "info", "backend.rounds")
    assert str(line["timestamp"]).endswith("Z")


def test_chinese_stays_readable(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_json=True))
    structlog.get_logger("x").info("椒江")
    assert "椒江" in capsys.readouterr().err


def test_a_library_s_line_has_the_same_form(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_json=True))
    structlog.contextvars.bind_contextvars(job="tidy")
    logging.getLogger("pgqueuer").warning("lost %s", "it")
    [line] = _lines(capsys)
    assert (line["event"], line["level"], line["job"], line["logger"]) == ("lost it", "warning", "tidy", "pgqueuer")


def test_an_exception_is_one_line_with_its_trace(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_json=True))
    try:
        {"here": 1}.pop("gone")
    except KeyError:
        structlog.get_logger("x").exception("failed")
    [line] = _lines(capsys)
    assert "KeyError: 'gone'" in str(line["exception"])


def test_lower_levels_than_set_are_left_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure(Settings(data_dir=tmp_path, log_json=True, log_level="WARNING"))
    structlog.get_logger("x").info("quiet")
    logging.getLogger("y").info("quiet")
    structlog.get_logger("x").warning("loud")
    assert [line["event"] for line in _lines(capsys)] == ["loud"]


def test_text_for_people_has_no_colours_where_it_is_not_shown_on_a_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(Settings(data_dir=tmp_path))
    structlog.get_logger("x").info("run finished", state="proposed")
    text = capsys.readouterr().err
    assert "run finished" in text
    assert "state=proposed" in text
    assert "\x1b" not in text

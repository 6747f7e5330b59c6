"""`liftrounds due` at the terminal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from click.testing import CliRunner, Result

from backend import clock, database
from backend.cli import liftrounds
from backend.scope import of_firm
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.upkeep import NOW, on_demand_elevator, told

CODE, LATE = "31103310022015030001", "31103310022015030002"


class Terminal:
    """Runs `liftrounds due` as somebody at the terminal does."""

    def run(self, *arguments: str, code: int = 0) -> Result:
        done = CliRunner().invoke(liftrounds, ["due", *arguments])
        assert done.exit_code == code, f"{done.exit_code}: {done.output}{done.exception!r}"
        return done

    def json(self, *arguments: str, code: int = 0) -> Any:
        return json.loads(self.run(*arguments, "--json", code=code).stdout)


async def _fill(settings: Settings) -> None:
    async with database.opened(settings):
        factory = Factory()
        scope = of_firm(await factory.firm(name="Anda Elevators"))
        due = await factory.elevator(scope.require_firm(), registration_code=CODE, rescue_code="310234")
        late = await factory.elevator(scope.require_firm(), registration_code=LATE, rescue_code="310235")
        await told(scope, due, date(2026, 11, 20))
        await told(scope, late, date(2026, 11, 1))
        await on_demand_elevator(factory, scope, "OD-1")


@pytest.fixture
def terminal(clean_database: str, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Terminal]:
    """A terminal of an installation with three elevators whose windows nobody has computed yet."""
    monkeypatch.setattr(database, "release_embedded", lambda: None)  # the tests' server lives in this process too
    asyncio.run(_fill(settings))
    monkeypatch.setenv("LIFTROUNDS_DATA_DIR", str(settings.data_dir))
    monkeypatch.setenv("LIFTROUNDS_DATABASE_URL", clean_database)
    with clock.stopped_at(NOW):
        yield Terminal()


@pytest.mark.parametrize("name", [CODE, "310234"])
def test_it_prints_window_class_mode_and_the_whole_receipt(terminal: Terminal, name: str) -> None:
    said = terminal.run(name).stdout
    for part in (CODE, "2026-11-29 – 2026-12-05", "10 days left", "half-month class", "fixed intervals (cn-fixed-15)"):
        assert part in said
    flat = " ".join(said.split())
    assert "A visit of the half-month class is due by 2026-12-05: at most 15 days between two completed visits" in flat
    assert "2026-12-05之前须完成半月维保" in said
    assert "▶ 2026-12-05" in said
    for limit in ("quarter class", "half-year class", "year class", "governor tripping speed"):
        assert limit in said
    for source in ("State Council Order 549", "TSG T5002-2017", "expert knowledge, to be checked", "our design, not law"):
        assert source in flat
    assert "What would move it" in said


def test_the_table_speaks_chinese_where_it_is_asked_to(terminal: Terminal) -> None:
    said = terminal.run("OD-1", "--lang", "zh").stdout
    for part in ("应完成", "按需", "国务院令第549号", "本系统设定，非法规", "何事会改变此窗口", "✗ E4"):
        assert part in said


def test_an_overdue_elevator_is_a_finding(terminal: Terminal) -> None:
    said = terminal.run(LATE, code=1).stdout
    assert "OVERDUE by 9 days" in said


def test_json_is_the_whole_receipt(terminal: Terminal) -> None:
    view = terminal.json(CODE)
    assert view["window"]["last_day"] == "2026-12-05"
    assert [candidate["day"] for candidate in view["receipt"]["candidates"] if candidate["binds"]] == ["2026-12-05"]
    assert view["receipt"]["candidates"][0]["cites"]["clause"]["zh"].startswith("第三十一条")
    assert terminal.json(view["window"]["elevator"]) == view
    assert terminal.json(LATE, code=1)["overdue"] is True


def test_without_an_elevator_it_lists_what_is_due(terminal: Terminal) -> None:
    said = terminal.run(code=1).stdout
    assert said.index(LATE) < said.index(CODE)
    assert "3 of 3 elevators, 1 overdue on 2026-11-25" in said
    assert CODE not in terminal.run("--overdue", code=1).stdout
    assert [row["registration_code"] for row in terminal.json("--until", "2026-12-05", code=1)["rows"]] == [LATE, CODE]
    assert "0 of 0 elevators" in terminal.run("--district", "Nowhere").stdout
    assert terminal.json("--limit", "1", code=1)["total"] == 3


def test_an_unknown_elevator_ends_with_two_and_a_way_out(terminal: Terminal) -> None:
    done = terminal.run("999999", code=2)
    assert "no elevator with the id, registration code or rescue code 999999" in done.stderr
    assert "`liftrounds due` lists" in done.stderr


def test_wrong_use_ends_with_two(terminal: Terminal) -> None:
    assert "leave ELEVATOR out" in terminal.run(CODE, "--overdue", code=2).stderr
    terminal.run("--until", "soon", code=2)
    terminal.run("--limit", "0", code=2)
    assert "liftrounds due --overdue" in terminal.run("--help").stdout

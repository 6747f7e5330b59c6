"""docs/import.md tells the truth: its table is the columns', its example runs."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from backend.registry import service as registry
from backend.registry.columns import columns
from backend.registry.importer import import_elevators
from backend.scope import SYSTEM

DOC = (Path(__file__).parents[4] / "docs" / "import.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", DOC, re.DOTALL)
    assert found is not None
    return found.group(1)


def test_the_table_names_every_column_with_its_headers() -> None:
    table = DOC.partition("<!-- columns -->")[2].partition("<!-- /columns -->")[0]
    rows = [f"| `{c.name}` | {c.zh} | {', '.join(c.aliases)} | {c.help_en} |" for c in columns()]
    assert table.strip().splitlines()[2:] == rows


async def test_the_example_of_a_mapping_is_read_as_told(db: str) -> None:
    report = await import_elevators(
        SYSTEM, block("csv").encode(), "example.csv", mapping=block("toml").encode(), firm_name="Example"
    )
    assert (report.bad, report.elevators.created, report.sites.created) == ([], 2, 1)
    first = await registry.find_elevator(SYSTEM, "A-7")
    assert (first.site_name, first.site_kind, first.lat, first.lon) == ("Hauptstraße 5", "office", 53.5511, 9.9937)
    assert (first.rated_load_kg, first.rated_speed_mm_s, first.travel_mm) == (1000, 1016, 23_012)
    assert (first.in_use_since, first.extra) == (date(1999, 12, 31), {"height": "75'6\""})
    second = await registry.find_elevator(SYSTEM, "A-8")
    assert (second.equipment_type, second.rated_speed_mm_s) == ("hydraulic_lift", None)
    assert second.extra == {"height": "12", "speed": "?"}
    firm = await registry.firm(SYSTEM, first.firm)
    assert (firm.region, firm.time_zone) == ("DE", "Europe/Berlin")

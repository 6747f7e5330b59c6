"""Test vectors that the technician's app is held to: what the server's own rules say, written as JSON.

`python -m tests.support.phone_vectors` writes them anew; a test compares them with the rules of today.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID

import msgspec

from backend.notices.queries import Addressed
from backend.notices.views import FindingFacts
from backend.notices.wording import notice_text
from backend.visits.checklists import checklist_for, judge, open_items, shown
from backend.visits.findings import ZONES, _title
from backend.visits.inputs import AnswerInput, Result, Severity
from mobile_api.pages.technician_visit import by_hand
from planner.intervals.rules import load_pack
from planner.intervals.signals import item_of
from qr import code as label_code
from qr.errors import CodeError
from qr.keys import KeyRing, LabelKey

FOLDER = Path(__file__).parents[1] / "vectors"
SEED = 6
CODES = 40
TRACTION = "traction_or_positive_drive_lift"
RING = KeyRing((LabelKey(0, bytes(range(32))),))


def label_codes() -> dict[str, Any]:
    """Texts as they are scanned and typed, and what `qr.code.parse` makes of them."""
    random = Random(SEED)  # noqa: S311 - repeatable on purpose
    minted = [label_code.mint(RING, random.randbytes) for _ in range(CODES)]
    texts = [text for one in minted for text in _writings(one, random)]
    texts += [
        "", "   ", "-", "https://example.org/", "HTTPS://EXAMPLE.ORG/E/", "x" * 513, "1234", "8KQ3T4ZVXABC0", "8KQ3T4ZVXABC0U1",
        "8KQ3T4ZVXABCU0", "\uff18KQ3T4ZV\uff0dXABC0\uff24", "8KQ3T\u200b4ZVXA\u2011BC0D", "8kq3t\u22124zvxa\u2013bc0d",
        "\U0001d7d6KQ3T4ZV-XABC0D", "8KQ3T4ZVXABC0D\U0001f600", "8KQ3T4ZVXABC0\u00df",
    ]  # fmt: skip
    return {"codes": [_parsed(text) for text in texts]}


def _writings(one: label_code.LabelCode, random: Random) -> list[str]:
    short = one.short_code
    place = random.randrange(len(short) - 1)
    swapped = short[:place] + short[place + 1] + short[place] + short[place + 2 :]
    slip = random.choice([c for c in "0123456789ABCDEFGHJKMNPQRSTVWXYZ" if c != short[0]]) + short[1:]
    return [
        label_code.payload_url(one, "https://rounds.example"), f"https://rounds.example/e/{one.text.lower()}/?utm=1#x",
        f"/e/{one.text}", one.text, short, short.lower().replace("0", "o").replace("1", "l"),
        short.replace("0", "O").replace("1", "I").replace("-", " "), swapped, slip, short[:-1],
    ]  # fmt: skip


def _parsed(text: str) -> dict[str, Any]:
    try:
        parsed = label_code.parse(text)
    except CodeError as error:
        return {"text": text, "reason": error.reason}
    return {"text": text, "code": parsed.text, "short_code": parsed.short_code}


def checklist_rules() -> dict[str, Any]:
    """The half-month checklist of a traction lift, and how single answers are judged."""
    pack = load_pack("cn-fixed-15")
    checklist = checklist_for(TRACTION, "half_month", {}, pack)
    year = checklist_for(TRACTION, "year", {}, pack)
    measured = [item for item in shown(year) if item.limit is not None]
    judged = []
    for item in measured:
        assert item.limit is not None
        ends = [end for end in (item.limit.least, item.limit.most) if end is not None]
        for value in sorted({0.0, *(end + step for end in ends for step in (-0.1, 0.0, 0.1))}):
            [kept] = judge(year, [AnswerInput(item=item.code, result=Result.OK, measured=round(value, 3))]).good
            judged.append(
                {"item": item.code, "measured": f"{round(value, 3):g}", "result": kept.result.value, "unit": kept.unit}
            )
    items = shown(checklist)
    answered = [item.code for item in items if not by_hand(item)]
    return {
        "items": msgspec.to_builtins(items),
        "year": msgspec.to_builtins(measured),
        "by_hand": [item.code for item in items if by_hand(item)],
        "judged": judged,
        "open_after_the_rest": open_items(checklist, answered),
    }


def notices() -> dict[str, Any]:
    """Findings, and what their owner reads."""
    pack = load_pack("cn-fixed-15")
    item = item_of("A-1-29")
    assert item is not None
    cases = [
        (Severity.GENERAL, "A-1-29", "", "六楼门锁啮合 5 mm", "", "更换门锁"),
        (Severity.GENERAL, "", "", "The car's lamp flickers", "Car", ""),
        (Severity.SERIOUS, "", "", "Rope strands broken", "", "New ropes"),
        (Severity.SERIOUS, "A-1-29", "", "worn", "Floor 6", ""),
        *[(Severity.STOP_USE, "", condition.key, "", "", "") for condition in pack.stop_use_conditions],
    ]  # fmt: skip
    return {"notices": [_notice(*case) for case in cases]}


def _notice(severity: Severity, code: str, key: str, description: str, place: str, proposal: str) -> dict[str, Any]:
    item = item_of(code)
    condition = next((one for one in load_pack("cn-fixed-15").stop_use_conditions if one.key == key), None)
    title_zh, title_en = _title(severity, item, condition)
    facts = FindingFacts(
        finding=UUID(int=1),
        elevator=UUID(int=2),
        severity=severity,
        title_zh=title_zh,
        title_en=title_en,
        description=description,
        place=place or (ZONES[item.zone] if item else ""),
        proposal=proposal,
        clause=condition.clause if condition else "",
        found_at=datetime(2026, 11, 26, 3, tzinfo=UTC),
        found_by="李伟 (T-204)",
    )
    to = Addressed(
        owner=None, owner_name="", registration_code="31101005012015070001", unit_name="3号梯", site_name="台州湾大厦",
        address="市府大道 1 号", firm_name="firm", phone_24h="1", time_zone="Asia/Shanghai",
    )  # fmt: skip
    letter = notice_text("GZ-2026-0001", to, facts)
    finding = {"id": str(UUID(int=1)), "item": code, "severity": severity.value, "stop_use_condition": key,
               "description": description, "place": place, "proposal": proposal}  # fmt: skip
    elevator = {
        "registration_code": to.registration_code,
        "unit_name": to.unit_name,
        "site_name": to.site_name,
        "address": to.address,
    }
    return {
        "finding": finding, "elevator": elevator, "condition": msgspec.to_builtins(condition) if condition else None,
        "day": "2026-11-26", "found_by": facts.found_by,
        # Without the lines that only the server can write: number and addressee in front, the firm before the last.
        "zh": _of_the_phone(letter.zh), "en": _of_the_phone(letter.en),
    }  # fmt: skip


def _of_the_phone(text: str) -> str:
    lines = text.split("\n")
    return "\n".join([*lines[2:-2], lines[-1]])


FILES = {"label-codes.json": label_codes, "checklist-rules.json": checklist_rules, "notices.json": notices}


def written(name: str) -> str:
    """The text of a file of vectors as the rules of today make it."""
    return json.dumps(FILES[name](), ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for each in FILES:
        (FOLDER / each).write_text(written(each))

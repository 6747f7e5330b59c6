"""What is said in a rescue, in Chinese and English."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

from backend.dispatch.choosing import Call
from backend.dispatch.queries import DispatchRow, Facts

_MOST_NAME = 60
"""Characters of a place in a title, so that the title fits a lock screen."""


class Both(NamedTuple):
    """A text in both languages."""

    zh: str
    en: str


def place(facts: Facts) -> str:
    """Return an elevator by its site and number."""
    return f"{facts.site_name} {facts.unit_name}".strip()[:_MOST_NAME]


def ring_title(facts: Facts) -> Both:
    """Return the title of a ring."""
    return Both(f"【困人】{place(facts)}", f"People trapped: {place(facts)}")


def ring_text(facts: Facts, due_at: datetime, call: Call | None) -> Both:
    """Return the text of a ring: where, by when, why you."""
    by = due_at.astimezone(ZoneInfo(facts.time_zone)).strftime("%H:%M")
    zh = [f"{facts.address or facts.district}，设备代码{facts.registration_code}"]
    en = [f"{facts.address or facts.district}, registration code {facts.registration_code}"]
    if facts.rescue_code:
        zh[0] += f"，救援识别码{facts.rescue_code}"
        en[0] += f", rescue code {facts.rescue_code}"
    zh.append(f"请在{by}前到场。")
    en.append(f"Be there by {by}.")
    if call is not None:
        zh.append(f"呼叫您的原因：{call.why_zh}。请回复“我去”或“去不了”。")
        en.append(f"Why you: {call.why_en}. Answer “I am going” or “I cannot”.")
    return Both("\n".join(zh), "\n".join(en))


def late_title(facts: Facts) -> Both:
    """Return the title of what says that nobody is there in time."""
    return Both(f"【超时】{place(facts)}困人救援无人到场", f"Late: nobody is at {place(facts)} yet")


def late_text(facts: Facts, row: DispatchRow) -> Both:
    """Return its text."""
    if row.acknowledged_at is None:
        return Both(
            "尚无人应答。请立即安排，并考虑联动96333或119。",
            "Nobody has answered. Act now; consider the rescue centre (96333) or 119.",
        )
    return Both(
        f"有人已出发但未到场。请联系确认，{facts.site_name}。",
        f"Somebody is on the way to {facts.site_name} but not there: call them.",
    )


def going_title(facts: Facts, name: str) -> Both:
    """Return the title of what says that somebody goes."""
    return Both(f"{name}已前往{place(facts)}", f"{name} is going to {place(facts)}")


def arrived_title(facts: Facts, name: str) -> Both:
    """Return the title of what says that somebody is there."""
    return Both(f"{name}已到达{place(facts)}", f"{name} is at {place(facts)}")

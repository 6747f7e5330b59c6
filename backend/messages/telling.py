"""Telling several people the same: technicians of crews, managers, owners. All inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from uuid import UUID

from backend.messages import people_queries
from backend.messages.service import MAX_TITLE, is_phone, send_inside
from backend.messages.views import Kind, Message, ToAccount, ToPhone
from backend.registry.numbers import dialled

_MOST_DAYS = 5
"""Days that a title names; the page has all."""


async def tell_accounts_inside(
    firm: UUID,
    accounts: Iterable[UUID],
    kind: Kind,
    zh: str,
    en: str,
    *,
    link: str = "",
    subject: str = "",
    urgent: bool = False,
    once: str = "",
) -> None:
    """Tell some accounts the same.

    Parameters
    ----------
    firm, accounts
        Whose, and whom.
    kind, zh, en
        What about, and the sentence in both languages; long ones are cut.
    link, subject, urgent
        As in `Message`.
    once
        What is told once: later ones with this text are not sent. Empty = always.
    """
    for account in sorted(set(accounts)):
        message = Message(
            to=ToAccount(account), kind=kind, title_zh=zh[:MAX_TITLE], title_en=en[:MAX_TITLE], link=link, subject=subject,
            urgent=urgent, dedupe_key=f"{once}:{account}" if once else "",
        )  # fmt: skip
        await send_inside(firm, message)


async def managers_inside(firm: UUID) -> list[UUID]:
    """Return the accounts of a firm's managers."""
    return await people_queries.managers(firm)


async def accounts_of_owner_inside(firm: UUID, owner: UUID) -> list[UUID]:
    """Return an owner's accounts."""
    return await people_queries.of_owner(firm, owner)


async def tell_crews_inside(firm: UUID, days: Mapping[UUID, Sequence[date]], zh: str, en: str) -> None:
    """Tell the technicians of crews that their days have changed.

    Parameters
    ----------
    firm
        Whose.
    days
        Crew → days that changed.
    zh, en
        Sentences with a place `{days}`.
    """
    members: dict[UUID, list[date]] = {}
    for account, day in await people_queries.of_crews(firm, [(crew, day) for crew, changed in days.items() for day in changed]):
        members.setdefault(account, []).append(day)
    for account, changed in sorted(members.items()):
        names = ", ".join(day.isoformat() for day in changed[:_MOST_DAYS]) + (", …" if len(changed) > _MOST_DAYS else "")
        link = f"/work?day={changed[0].isoformat()}"
        await tell_accounts_inside(firm, [account], Kind.PLAN, zh.format(days=names), en.format(days=names), link=link)


async def tell_crew_inside(
    firm: UUID, crew: UUID, day: date, zh: str, en: str, *, link: str, subject: str = "", but: UUID | None = None
) -> None:
    """Tell those who are in a crew on a day that it has changed; `but` an account that knows, for it did it."""
    accounts = [account for account, _day in await people_queries.of_crews(firm, [(crew, day)])]
    others = [account for account in accounts if account != but]
    await tell_accounts_inside(firm, others, Kind.PLAN, zh, en, link=link, subject=subject)


async def tell_managers_inside(
    firm: UUID, kind: Kind, zh: str, en: str, *, link: str, subject: str = "", urgent: bool = False, once: str = ""
) -> None:
    """Tell the firm's managers."""
    await tell_accounts_inside(
        firm, await people_queries.managers(firm), kind, zh, en, link=link, subject=subject, urgent=urgent, once=once
    )


async def tell_owner_inside(firm: UUID, owner: UUID, kind: Kind, zh: str, en: str, *, link: str, subject: str = "") -> None:
    """Tell an owner's accounts."""
    await tell_accounts_inside(firm, await people_queries.of_owner(firm, owner), kind, zh, en, link=link, subject=subject)


async def tell_phone_inside(
    firm: UUID, number: str, kind: Kind, title: tuple[str, str], text: tuple[str, str], *, subject: str, once: str
) -> None:
    """Tell somebody without an account by text message; a number of the register that is none is left out.

    `title` and `text` are in Chinese and English.
    """
    if is_phone(dialled(number)):
        told = Message(
            to=ToPhone(dialled(number)),
            kind=kind,
            title_zh=title[0],
            title_en=title[1],
            text_zh=text[0],
            text_en=text[1],
            subject=subject,
            dedupe_key=once,
        )
        await send_inside(firm, told)


async def tell_technician_inside(firm: UUID, technician: UUID, kind: Kind, zh: str, en: str, *, link: str = "") -> None:
    """Tell a technician's accounts."""
    await tell_accounts_inside(firm, await people_queries.of_technician(firm, technician), kind, zh, en, link=link)

"""What is sent: the password to the owner's number, and warnings that the number was replaced."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from backend import database
from backend.confirmations import queries
from backend.confirmations.limits import PASSWORD_LIFE
from backend.confirmations.views import CodeVisit
from backend.messages.service import send_inside
from backend.messages.telling import accounts_of_owner_inside, managers_inside
from backend.messages.views import Kind, Message, ToAccount, ToPhone
from backend.registry import number_queries, numbers
from backend.scope import SYSTEM

_MINUTES = int(PASSWORD_LIFE.total_seconds() // 60)


async def send_password_inside(firm: UUID, number: str, password: str, visit: CodeVisit, until: datetime) -> None:
    """Send a password inside the caller's transaction; it says what it signs, and that the technician must not have it."""
    where = f"{visit.site_name} {visit.unit_name}".strip()[:60]
    await send_inside(
        firm,
        Message(
            to=ToPhone(numbers.dialled(number)),
            kind=Kind.CODE,
            title_zh="电梯维保确认验证码",
            title_en="Code to confirm elevator maintenance",
            text_zh=f"验证码 {password}，{_MINUTES} 分钟内有效。用于确认 {visit.day} {where} 的电梯维保。"
            "请勿告诉任何人，包括维保人员。",
            text_en=f"{password} is your code, valid for {_MINUTES} minutes. It confirms the elevator maintenance of"
            f" {visit.day} at {where}. Give it to nobody, not even the technician.",
            urgent=True,
            secret=True,
            expires_at=until,
            subject=str(visit.visit),
        ),
    )


async def tell_of_replaced_number(firm: UUID, owner: UUID, change: UUID) -> None:
    """Tell the former number, the owner's accounts and the firm's managers that the number which signs was replaced.

    Parameters
    ----------
    firm, owner
        Whose number.
    change
        The new number's row; each is told of once, however often this is called.
    """
    async with database.tx(SYSTEM):
        about = await queries.owner_of_firm(owner)
        history = [row.number for row in await number_queries.numbers_of(owner)]
        if about is None or not history:
            return
        now = numbers.for_messages(history[0])
        former = next((found for text in history[1:] if (found := numbers.for_messages(text)) and found != now), None)
        ends = f"…{numbers.tail(now)}" if now else "–"
        recipients: list[ToPhone | ToAccount] = [ToAccount(account) for account in await accounts_of_owner_inside(firm, owner)]
        recipients += [ToAccount(account) for account in await managers_inside(firm)]
        if former is not None:
            recipients.append(ToPhone(numbers.dialled(former)))
        for place, to in enumerate(recipients):
            await send_inside(
                firm,
                Message(
                    to=to,
                    kind=Kind.CONFIRMATION,
                    title_zh="确认维保的手机号已更换",
                    title_en="The number that confirms maintenance was replaced",
                    text_zh=f"{about.owner_name}：用于确认电梯维保的号码已改为 {ends}，24 小时后生效。如不是贵单位所为，请致电"
                    f" {about.firm_name} {about.phone_24h}。",
                    text_en=f"{about.owner_name}: elevator maintenance is now confirmed with the number {ends}, from 24 hours"
                    f" on. If this was not your wish, call {about.firm_name} {about.phone_24h}.",
                    urgent=isinstance(to, ToPhone),
                    subject=str(owner),
                    dedupe_key=f"owner-number:{change}:{place}",
                ),
            )

"""Why a technician hands a stop back: a short list, for what is chosen with gloves on is also what can be counted."""

from __future__ import annotations

from msgspec import Struct


class RejectionReason(Struct, frozen=True, kw_only=True):
    """A reason to choose; with `needs_note` it says nothing without words of one's own."""

    code: str
    zh: str
    en: str
    needs_note: bool = False


REASONS = (
    RejectionReason(code="no_access", zh="无法进入现场", en="No access to the site"),
    RejectionReason(code="nobody_there", zh="使用单位无人接待", en="Nobody there to let us in"),
    RejectionReason(code="owner_asks", zh="使用单位要求改期", en="The owner asks for another day"),
    RejectionReason(code="no_power", zh="现场停电", en="No power on site"),
    RejectionReason(code="unsafe", zh="现场不具备安全作业条件", en="Not safe to work there"),
    RejectionReason(code="no_parts", zh="缺少配件或工具", en="Parts or tools are missing"),
    RejectionReason(code="no_people", zh="人手不足", en="Not enough people for it"),
    RejectionReason(code="no_time", zh="今天来不及", en="No time left for it today"),
    RejectionReason(code="other", zh="其他原因", en="Another reason", needs_note=True),
)
"""In the order in which they are shown."""

BY_CODE = {reason.code: reason for reason in REASONS}

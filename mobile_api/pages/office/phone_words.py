"""The state of a technician's phone in words."""

from __future__ import annotations

from backend.phones.views import PhoneView
from mobile_api.i18n import gettext as _


def phone_state(phone: PhoneView) -> tuple[str, str]:
    """Return the badge and the words of a phone's state, the weightiest of them."""
    if phone.revoked_at is not None:
        return "mute", _("phone revoked")
    if phone.forked:
        return "bad", _("two entries in one place")
    if phone.waiting:
        return "warn", _("entries are missing")
    return "ok", _("in use")

"""What the audit trail says of phones' entries, in words: why one was held, why others were refused."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mobile_api import i18n
from mobile_api.i18n import gettext as _


def why(value: object) -> str:
    """Return a reason in the language of the request: a template with its places, or a text that was kept as it is."""
    if isinstance(value, Mapping) and "template" in value:
        params: dict[str, Any] = value.get("params") or {}
        return i18n.translated(str(value["template"]), params)
    return str(value)


def refused(value: object) -> str:
    """Return why envelopes were refused, with how many of each reason (docs/scan-events.md)."""
    if not isinstance(value, Mapping):
        return str(value)
    names = _refusals()
    return "; ".join(f"{names.get(str(reason), reason)} × {count}" for reason, count in value.items())


def _refusals() -> dict[str, str]:
    newer, place = _("from a newer app"), _("its position is not the one that was signed")
    return {
        "malformed": _("cannot be read"), "not_canonical": _("spelled in another way than the format asks"),
        "unknown_format": newer, "unknown_kind": newer, "too_large": _("too large"),
        "visit_missing": _("names no visit"), "position_marked_wrong": place, "position_mismatch": place,
        "position_unasked": place, "bad_signature": _("not signed by this phone"), "other_phone": _("another phone's"),
        "request_too_many": _("the whole request: too many entries at a time"),
        "request_too_large": _("the whole request: too large"), "request_malformed": _("the whole request: cannot be read"),
    }  # fmt: skip

"""What people call the place of a fault in a phone's entry: the item of the checklist and its field, not a path."""

from __future__ import annotations

import re
from collections.abc import Mapping

from mobile_api import i18n
from mobile_api.i18n import gettext as _
from planner.intervals.signals import item_of

_PLACE = re.compile(r"(?P<list>answers|parts|photos|entries)\[(?P<number>\d+)\](?:\.(?P<field>\w+))?")
_OF_ITEM = re.compile(r"(?:items|findings)\.(?P<code>.+)")


def place_text(path: str, items: Mapping[str, str]) -> str:
    """Return where a fault is, in the language of the request.

    Parameters
    ----------
    path
        As the fault has it, such as `answers[0].measured`.
    items
        Codes of items by the place that has one, such as `answers[0]`.
    """
    if (of_item := _OF_ITEM.fullmatch(path)) is not None:
        return item_text(of_item["code"])
    found = _PLACE.fullmatch(path)
    if found is None:
        return path
    number = int(found["number"])
    if found["list"] == "entries":
        return _("entry %(number)s") % {"number": number}
    what = {"answers": _("answer %(number)s"), "parts": _("part %(number)s"), "photos": _("photo %(number)s")}[found["list"]]
    code = items.get(f"{found['list']}[{number}]", "")
    told = [item_text(code)] if code else []
    told += [what % {"number": number + 1}] if not code or found["list"] != "answers" else []
    told += [_fields().get(found["field"], found["field"])] if found["field"] else []
    return " · ".join(told)


def item_text(code: str) -> str:
    """Return an item's code with its name; the code alone of one that no list has."""
    item = item_of(code)
    if item is None:
        return code
    return f"{code} {item.name_zh if i18n.language.get() == 'zh' else item.name_en}"


def _fields() -> dict[str, str]:
    return {
        "item": _("Item"), "measured": _("Measured value"), "result": _("Result"), "note": _("Note"), "name": _("Name"),
        "unit": _("unit"), "quantity": _("how many"), "serial_removed": _("serial number of the old part"),
        "serial_fitted": _("serial number of the new part"), "special_checks": _("special checks"), "id": _("its id"),
    }  # fmt: skip

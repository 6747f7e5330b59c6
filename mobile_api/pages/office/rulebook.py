"""Rule packs to read, and an elevator's conditions of maintenance on demand."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from litestar import Response, get

from backend.upkeep import rulebook
from backend.upkeep import service as upkeep
from mobile_api.i18n import gettext as _
from mobile_api.inputs import Asker, FromPath, FromQuery
from mobile_api.pages.office.base import office_page
from mobile_api.pages.office.rule_words import number_name, value_name
from mobile_api.security import OFFICE_READERS


@get("/office/rules", roles=OFFICE_READERS, include_in_schema=False)
async def packs_page(asker: Asker) -> Response[Any]:
    """Show all rule packs."""
    packs = [(pack, len(upkeep.rule_pack_versions(pack.id))) for pack in upkeep.rule_packs()]
    return await office_page(asker, "office/rules.html", packs=packs)


@get("/office/rules/{id:str}", roles=OFFICE_READERS, include_in_schema=False)
async def pack_page(
    asker: Asker, id: FromPath[str], version: FromQuery[str] = "", against: FromQuery[str] = ""
) -> Response[Any]:
    """Show every limit of a rule pack with its source, its history, and what differs between two versions."""
    read = rulebook.read_pack(id, _day(version), _day(against))
    groups: dict[str, list[Any]] = {}
    for limit in read.limits:
        groups.setdefault(limit.group, []).append(limit)
    return await office_page(
        asker,
        "office/rule_pack.html",
        pack=read,
        groups=groups,
        group_name=group_name,
        number_name=number_name,
        value_name=value_name,
    )


def _day(text: str) -> date | None:
    """Return a day of an address, None where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@get("/office/elevators/{id:uuid}/eligibility", roles=OFFICE_READERS, include_in_schema=False)
async def eligibility_page(asker: Asker, id: FromPath[UUID], pack: FromQuery[str] = "") -> Response[Any]:
    """Show which conditions of maintenance on demand an elevator meets, and what to do about the others."""
    found = await rulebook.eligibility(asker, id, pack or None)
    return await office_page(asker, "office/eligibility.html", found=found, way_out=way_out, trigger_way_out=trigger_way_out)


def group_name(group: str) -> str:
    """Return what a group of limits is about."""
    names = {
        "visit_gap": _("Days between two visits"), "class_gaps": _("Days between two times that items are done"),
        "first_day": _("From when a visit is worth making"), "special_checks": _("Checks with an interval of their own"),
        "seasons": _("Before a season"), "self_check": _("Self-check before the inspection"),
        "holidays": _("Before long public holidays"), "deferral": _("Authorised deferral"),
        "programme": _("The elevator's own document"), "records": _("How long records are kept"),
        "major_event": _("Major events and orders"), "fault_rate": _("Many faults"),
        "fall_back": _("Back from longer gaps"), "forecast": _("How use is carried forward"),
        "wear_budgets": _("Wear budgets"), "counter_factors": _("Counters that follow from others"),
        "visit": _("What a visit is held to"), "on_demand": _("Conditions of maintenance on demand, and what ends it"),
    }  # fmt: skip
    return names.get(group, group)


def way_out(key: str) -> str:
    """Return what to do about a condition that is not met or not known."""
    ways = {
        "E1": _("Enter licence and class under Firm and accounts; a firm of class C or lower, or with a serious violation on "
                "record, maintains at fixed intervals."),
        "E2": _("Enter the contract and the day of the owner's written agreement."),
        "E3": _("Enter the day of the next inspection; an elevator that was not passed has to be inspected again."),
        "E4": _("Install a monitor, register its device, and look at its data health."),
        "E5": _("Enter until when the liability insurance is valid, in the contract."),
        "E6": _("Enter the filing or the day of the self-declaration, and the quality target that is shown to the public."),
        "E7": _(
            "Enter since when it is in use; close serious hazards; after an entrapment the time named by the rule must pass."
        ),
        "E8": _("Enter what the site is used for; places left out by the rule stay at fixed intervals."),
        "E9": _("Enter number and day of the filing, and under a filed scheme the days that it names; a filing counts from the "
                "next visit on where the gap was already longer."),
    }  # fmt: skip
    return ways.get(key, "")


def trigger_way_out(key: str) -> str:
    """Return what ends a trigger."""
    ways = {
        "monitor_silent": _("Bring the monitor back online and its data in order."),
        "inspection": _("Have it inspected and enter the new days."),
        "incident": _("The time named by the rule has to pass without another one."),
        "fault_rate": _("Find the cause of the faults; it ends when they are fewer."),
        "major_event": _("It ends with the period."),
        "credit_class": _("The firm's licence and class have to be in order again."),
        "insurance": _("Renew the insurance and enter it in the contract."),
        "agreement": _("Needs the owner's agreement and a contract in force."),
        "major_repair": _("Have it inspected after the repair and enter the day."),
        "age": _("Above the age limit it stays at fixed intervals."),
        "complaint": _("Close the complaint and end its period."),
        "authority_order": _("It ends with the order."),
    }
    return ways.get(key, "")


HANDLERS: list[Any] = [packs_page, pack_page, eligibility_page]

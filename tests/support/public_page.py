"""An elevator with everything on its public page, written straight into the tables."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

from backend import database
from backend.keyfile import label_keys
from backend.labels import service
from backend.scope import SYSTEM, of_firm
from backend.settings import Settings
from tests.support.factory import Factory

NOW = datetime(2026, 11, 25, 4, 0, tzinfo=UTC)
"""Noon of a Wednesday in Taizhou."""


async def put(table: str, **values: Any) -> None:
    """Write a row of any table, also of those whose key is a number."""
    columns = ", ".join(f'"{name}"' for name in values)
    places = ", ".join(f"${i}" for i in range(1, len(values) + 1))
    async with database.tx(SYSTEM):
        await database.execute(f'INSERT INTO "{table}" ({columns}) VALUES ({places})', *values.values())


async def code_of(settings: Settings, firm: UUID, elevator: UUID) -> str:
    """A label's code of an elevator."""
    [label] = await service.mint(of_firm(firm), label_keys(settings), elevators=[elevator])
    assert label.code is not None
    return label.code


async def window(firm: UUID, elevator: UUID, **values: Any) -> None:
    """A due window of the elevator: 23 to 28 November, half-month."""
    given = {
        "first_day": date(2026, 11, 23), "last_day": date(2026, 11, 28), "maintenance_class": "half_month",
        "mode_effective": "fixed", "fallen_back": False, "computed_on": date(2026, 11, 25),
        "reason_zh": "两次维保间隔不超过15日", "reason_en": "two visits are at most 15 days apart",
    }  # fmt: skip
    await put("due_window", firm=firm, elevator=elevator, **(given | values))


async def visited(factory: Factory, firm: UUID, elevator: UUID, at: datetime, **values: Any) -> UUID:
    """A finished visit of two technicians."""
    visit = uuid4()
    first = await factory.technician(firm, name="张三丰", badge=f"A{visit.hex[:4]}", phone="13800001111")
    second = await factory.technician(firm, name="李四光", badge=f"B{visit.hex[:4]}", phone="13800002222")
    given = {"maintenance_class": "quarter", "rule_pack": "cn-fixed-15", "state": "finished", "confirmation": "confirmed"}
    await put(
        "visit", id=visit, firm=firm, elevator=elevator, technician=first, second_technician=second, arrived_at=at,
        departed_at=at, **(given | values),
    )  # fmt: skip
    await put("visit_done", firm=firm, elevator=elevator, visit=visit, maintenance_class="quarter", departed_at=at)
    return visit


async def hazard(firm: UUID, elevator: UUID, number: int, severity: str, zh: str, en: str) -> None:
    """An open hazard with its notice."""
    condition = "door_lock_shorted" if severity == "stop_use" else ""
    finding = uuid4()
    await put(
        "finding", id=finding, firm=firm, elevator=elevator, severity=severity, stop_use_condition=condition,
        description="secret words of 张三丰", found_at=NOW,
    )  # fmt: skip
    await put(
        "notice", firm=firm, elevator=elevator, finding=finding, number=f"2026-{number:04d}", severity=severity, title_zh=zh,
        title_en=en, text_zh="-", text_en="-",
    )  # fmt: skip


async def full_blown(factory: Factory, settings: Settings) -> str:
    """The code of an on-demand elevator with all that a page can show at once, and long names."""
    firm = await factory.firm(name="台州市安达电梯设备安装维修保养有限责任公司第一分公司", phone_24h="0576-12345678")
    owner = await factory.owner(
        firm, name="台州市椒江区人才大厦物业管理服务有限公司", safety_officer="王安全", phone="13900003333"
    )
    site = await factory.site(
        firm, owner=owner, name="台州市椒江区云西路人才大厦南楼地下车库至二十八层",
        address="浙江省台州市椒江区白云街道市府大道三百八十八号人才大厦南楼",
        access_notes="钥匙在门卫老王处",
    )  # fmt: skip
    elevator = await factory.elevator(
        firm, site=site, registration_code="31103310022015030001", rescue_code="310234", unit_name="12# 客货两用电梯",
        mode="on_demand", rule_pack="cn-on-demand-30", on_demand_filing="台市监特备〔2026〕12号",
        on_demand_filed_on=date(2026, 3, 1), monitored_since=date(2026, 1, 1), inspection_due_on=date(2026, 11, 1),
        inspected_on=date(2025, 10, 20),
    )  # fmt: skip
    for month in range(1, 11):
        await visited(factory, firm, elevator, datetime(2026, month, 5, 3, tzinfo=UTC))
    await visited(factory, firm, elevator, datetime(2026, 11, 3, 3, tzinfo=UTC))
    await window(
        firm, elevator, last_day=date(2026, 11, 18), first_day=date(2026, 11, 18), fallen_back=True, reason_zh="长" * 120,
        reason_en="long " * 60,
    )  # fmt: skip
    for day in (2, 9, 16):
        reasons = [
            {"zh": f"监测离线超过24小时（{n}）", "en": f"Monitoring offline for more than 24 hours ({n})"} for n in range(4)
        ]
        kind = "restored" if day == 9 else "fallen_back"
        await put("mode_change", firm=firm, elevator=elevator, kind=kind, on_day=date(2026, 11, day), reasons=reasons,
                          changed_at=datetime(2026, 11, day, tzinfo=UTC))  # fmt: skip
    for number in range(40):
        severity = ("serious", "general")[number % 2]
        zh, en = f"隐患：层门锁紧元件啮合长度不足（{number}）", f"Hazard: landing door locks engage too little ({number})"
        await hazard(firm, elevator, number, severity, zh, en)
    await put("elevator_signal", firm=firm, elevator=elevator, at=datetime(2026, 11, 20, tzinfo=UTC),
                      received_at=datetime(2026, 11, 20, tzinfo=UTC))  # fmt: skip
    return await code_of(settings, firm, elevator)

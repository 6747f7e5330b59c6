"""Crews, technicians, certificates, weeks and absences: one technician in one crew, days in order, hours possible."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest

from backend import clock
from backend.errors import Conflict, InvalidInput, NotFound
from backend.registry import service as registry
from backend.registry.inputs import (
    AbsenceCreate,
    AbsenceUpdate,
    CertificateCreate,
    CertificateUpdate,
    CrewCreate,
    CrewSetup,
    CrewUpdate,
    MemberCreate,
    MemberUpdate,
    ShiftInput,
    TechnicianCreate,
    TechnicianSetup,
    TechnicianUpdate,
)
from backend.scope import Scope, of_firm
from tests.support.factory import Factory

DAY = date(2026, 5, 1)


def paths(error: pytest.ExceptionInfo[InvalidInput]) -> set[str]:
    return {fault.path for fault in error.value.faults}


def today() -> date:
    return clock.today("Asia/Shanghai")


async def test_a_technician_has_certificates_and_the_crew_of_today(factory: Factory, firm_scope: Scope) -> None:
    person = await registry.add_technician(firm_scope, TechnicianCreate(name="李工", badge="T1", skills=["hydraulic"]))
    crew = await factory.crew(firm_scope.require_firm(), name="一组")
    until = today() + timedelta(days=300)
    certificate = await registry.add_certificate(firm_scope, person.id, CertificateCreate(number="T33-1", expires_on=until))
    await registry.add_member(firm_scope, crew, MemberCreate(technician=person.id, starts_on=DAY))
    found = await registry.technician(firm_scope, person.id)
    assert (found.certificates, found.crew, found.crew_name) == ([certificate], crew, "一组")
    assert [row.badge for row in (await registry.technicians(firm_scope, text="李")).rows] == ["T1"]


async def test_a_certificate_holds_when_it_is_entered(factory: Factory, firm_scope: Scope) -> None:
    person = await factory.technician(firm_scope.require_firm())
    for expires_on in (today() - timedelta(days=1), today() + timedelta(days=5000)):
        with pytest.raises(InvalidInput) as refused:
            await registry.add_certificate(firm_scope, person, CertificateCreate(number="", expires_on=expires_on, code="t"))
        assert paths(refused) == {"number", "expires_on", "code"}
    made = await registry.add_certificate(firm_scope, person, CertificateCreate(number="T1", expires_on=today()))
    renewed = await registry.change_certificate(
        firm_scope, made.id, CertificateUpdate(expires_on=today() + timedelta(days=1400))
    )
    assert renewed.expires_on > made.expires_on
    with pytest.raises(Conflict, match="certificate with this number"):
        await registry.add_certificate(firm_scope, person, CertificateCreate(number="T1", expires_on=today()))


async def test_a_technician_is_in_one_crew_at_a_time(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    person, first, second = await factory.technician(firm), await factory.crew(firm), await factory.crew(firm)
    member = await registry.add_member(firm_scope, first, MemberCreate(technician=person, starts_on=DAY))
    with pytest.raises(InvalidInput) as refused:
        await registry.add_member(firm_scope, second, MemberCreate(technician=person, starts_on=date(2027, 1, 1)))
    assert "2026-05-01" in refused.value.faults[0].reason
    await registry.change_member(firm_scope, member.id, MemberUpdate(ends_on=date(2026, 12, 31)))
    moved = await registry.add_member(firm_scope, second, MemberCreate(technician=person, starts_on=date(2027, 1, 1)))
    with pytest.raises(InvalidInput):
        await registry.change_member(firm_scope, moved.id, MemberUpdate(starts_on=date(2026, 12, 31)))
    with pytest.raises(InvalidInput) as refused:
        await registry.change_member(firm_scope, moved.id, MemberUpdate(ends_on=date(2026, 1, 1)))
    assert paths(refused) == {"ends_on"}


async def test_two_crews_that_take_a_technician_at_once_do_not_both_get_them(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    person = await factory.technician(firm)
    crews = [await factory.crew(firm) for _ in range(4)]
    done = await asyncio.gather(
        *(registry.add_member(firm_scope, crew, MemberCreate(technician=person, starts_on=DAY)) for crew in crews),
        return_exceptions=True,
    )
    assert sum(not isinstance(result, BaseException) for result in done) == 1
    assert all(isinstance(result, InvalidInput) for result in done if isinstance(result, BaseException))


async def test_who_has_left_joins_no_crew(factory: Factory, firm_scope: Scope) -> None:
    firm = firm_scope.require_firm()
    person, crew = await factory.technician(firm), await factory.crew(firm)
    await registry.change_technician(firm_scope, person, TechnicianUpdate(active=False))
    with pytest.raises(Conflict, match="active"):
        await registry.add_member(firm_scope, crew, MemberCreate(technician=person, starts_on=DAY))


async def test_a_crew_takes_no_technician_of_another_firm(factory: Factory, firm_scope: Scope) -> None:
    other = await factory.firm()
    person = await factory.technician(other)
    crew = await factory.crew(firm_scope.require_firm())
    with pytest.raises(NotFound):
        await registry.add_member(firm_scope, crew, MemberCreate(technician=person, starts_on=DAY))
    with pytest.raises(NotFound):
        await registry.add_member(of_firm(other), crew, MemberCreate(technician=person, starts_on=DAY))


async def test_a_week_replaces_the_week_before_and_changes_the_version(factory: Factory, firm_scope: Scope) -> None:
    crew = await factory.crew(firm_scope.require_firm())
    before = await registry.crew(firm_scope, crew)
    day = ShiftInput(weekday=0, from_s=28_800, to_s=61_200, break_from_s=43_200, break_to_s=46_800, break_duration_s=3_600)
    week = await registry.set_week(firm_scope, crew, [day, ShiftInput(weekday=2, from_s=0, to_s=3_600)])
    assert [(shift.weekday, shift.break_duration_s) for shift in week.shifts] == [(0, 3600), (2, None)]
    assert week.version != before.version
    assert (await registry.set_week(firm_scope, crew, [])).shifts == []


async def test_all_faults_of_a_week_are_told_at_once(factory: Factory, firm_scope: Scope) -> None:
    crew = await factory.crew(firm_scope.require_firm())
    week = [
        ShiftInput(weekday=7, from_s=-1, to_s=100),
        ShiftInput(weekday=1, from_s=3_600, to_s=3_600),
        ShiftInput(weekday=1, from_s=0, to_s=80_000, max_overtime_s=99_999),
        ShiftInput(weekday=2, from_s=0, to_s=3_600, break_from_s=100),
        ShiftInput(weekday=3, from_s=0, to_s=3_600, break_from_s=3_000, break_to_s=4_000, break_duration_s=10),
        ShiftInput(weekday=4, from_s=0, to_s=3_600, break_from_s=0, break_to_s=600, break_duration_s=601),
    ]
    with pytest.raises(InvalidInput) as refused:
        await registry.set_week(firm_scope, crew, week)
    assert paths(refused) == {
        "shifts[0].weekday", "shifts[0].from_s", "shifts[1].to_s", "shifts[2].weekday", "shifts[2].to_s",
        "shifts[2].max_overtime_s", "shifts[3].break_from_s", "shifts[4].break_from_s", "shifts[5].break_duration_s",
    }  # fmt: skip


async def test_a_crew_has_a_base_on_the_globe(firm_scope: Scope) -> None:
    with pytest.raises(InvalidInput) as refused:
        await registry.add_crew(firm_scope, CrewCreate(name="", base_lat=91, base_lon=181))
    assert paths(refused) == {"name", "base_lat", "base_lon"}
    crew = await registry.add_crew(firm_scope, CrewCreate(name="一组", base_lat=28.6, base_lon=121.4))
    changed = await registry.change_crew(firm_scope, crew.id, CrewUpdate(area="椒江"))
    assert (changed.area, changed.base_lat) == ("椒江", 28.6)
    await registry.remove_crew(firm_scope, crew.id)


async def test_absences_of_a_technician_do_not_overlap(factory: Factory, firm_scope: Scope) -> None:
    person = await factory.technician(firm_scope.require_firm())
    first = await registry.add_absence(firm_scope, person, AbsenceCreate(starts_on=DAY, ends_on=DAY + timedelta(days=4)))
    again = AbsenceCreate(starts_on=DAY + timedelta(days=4), ends_on=date(2026, 6, 1))
    with pytest.raises(InvalidInput):
        await registry.add_absence(firm_scope, person, again)
    with pytest.raises(InvalidInput) as refused:
        await registry.add_absence(firm_scope, person, AbsenceCreate(starts_on=DAY, ends_on=DAY - timedelta(days=1)))
    assert paths(refused) == {"ends_on"}
    longer = await registry.change_absence(firm_scope, first.id, AbsenceUpdate(ends_on=DAY + timedelta(days=9), reason="病假"))
    assert longer.reason == "病假"
    assert (await registry.absences(firm_scope, since=DAY + timedelta(days=9), technician=person)).total == 1
    assert (await registry.absences(firm_scope, since=DAY + timedelta(days=10))).total == 0
    await registry.remove_absence(firm_scope, first.id)


async def test_many_crews_are_set_up_at_once_or_not_at_all(firm_scope: Scope) -> None:
    week = [ShiftInput(weekday=day, from_s=28_800, to_s=61_200) for day in range(5)]
    expired = CertificateCreate(number="T9", expires_on=date(2020, 1, 1))

    def crew(name: str, badge: str) -> CrewSetup:
        person = TechnicianSetup(name="李工", badge=badge, certificates=[expired] if badge == "B1" else [])
        return CrewSetup(name=name, base_lat=28.6, base_lon=121.4, members=[person], members_since=DAY, shifts=week)

    made = await registry.set_up_crews(firm_scope, [crew("一组", "B1"), crew("二组", "B2")])
    assert [(row.name, len(row.members), len(row.shifts)) for row in made] == [("一组", 1, 5), ("二组", 1, 5)]
    with pytest.raises(Conflict):
        await registry.set_up_crews(firm_scope, [crew("三组", "B3"), crew("一组", "B4")])
    assert (await registry.crews(firm_scope)).total == 2
    assert (await registry.technicians(firm_scope)).total == 2

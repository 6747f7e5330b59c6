"""Notices to owners: whose they are, and the receipt of their reading."""

from __future__ import annotations

from uuid import uuid4

import pytest

from backend import clock
from backend.errors import InvalidInput, NotAllowed, NotFound
from backend.notices import service
from backend.notices.views import NoticeView
from backend.scope import Role
from backend.visits import service as visits
from backend.visits.inputs import FindingInput, Severity
from tests.support.factory import Factory
from tests.support.visits import Workplace, value


@pytest.fixture
async def place(factory: Factory) -> Workplace:
    """One elevator and everybody who has to do with its visits."""
    return await Workplace.open(factory)


@pytest.fixture
async def notice(place: Workplace) -> NoticeView:
    """A notice about a serious hazard, as the office sees it."""
    opened = await place.arrive()
    finding = FindingInput(id=uuid4(), severity=Severity.SERIOUS, description="the rope is worn", item="A-1-01")
    await visits.add_finding(place.technician, opened.summary.id, finding)
    return (await service.notices(place.manager)).rows[0]


async def test_the_owner_reads_and_the_office_sees_when(place: Workplace, notice: NoticeView) -> None:
    assert (await service.notices(place.owner_scope)).unread == 1
    read = await service.read(place.owner_scope, notice.id)
    assert "the rope is worn" in read.text_en
    seen = await service.notice(place.manager, notice.id)
    assert seen.read_at is not None
    assert seen.read_by == await value("SELECT name FROM account WHERE id = $1", place.owner_scope.account)
    assert (await service.notices(place.owner_scope)).unread == 0
    assert (await service.notices(place.owner_scope, unread_only=True)).rows == []


async def test_the_first_reading_is_the_receipt(place: Workplace, notice: NoticeView) -> None:
    first = await service.read(place.owner_scope, notice.id)
    colleague = await place.person(Role.OWNER, owner=place.owner)
    assert await service.read(colleague, notice.id) == first


async def test_the_text_is_shown_once_the_receipt_is_there(place: Workplace, notice: NoticeView) -> None:
    (listed,) = (await service.notices(place.owner_scope)).rows
    assert (listed.text_zh, listed.text_en) == ("", "")
    assert listed.title_en
    assert (await service.notice(place.owner_scope, notice.id)).read_at is None
    await service.read(place.owner_scope, notice.id)
    assert (await service.notice(place.owner_scope, notice.id)).text_zh


async def test_the_draft_to_the_authority_is_the_firms(place: Workplace, notice: NoticeView) -> None:
    assert notice.report_zh
    assert (await service.read(place.owner_scope, notice.id)).report_zh == ""


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TECHNICIAN, Role.ADMIN, Role.REGULATOR])
async def test_nobody_else_leaves_a_receipt(place: Workplace, notice: NoticeView, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await service.read(await place.person(role), notice.id)
    assert (await service.notice(place.manager, notice.id)).read_at is None


async def test_the_office_looking_leaves_no_receipt(place: Workplace, notice: NoticeView) -> None:
    await service.notice(place.manager, notice.id)
    assert (await service.notices(place.manager)).unread == 1


async def test_another_owners_notice_does_not_exist(place: Workplace, notice: NoticeView) -> None:
    other = await place.person(Role.OWNER)
    assert (await service.notices(other)).rows == []
    for call in (service.read, service.notice):
        with pytest.raises(NotFound):
            await call(other, notice.id)


async def test_another_firms_notice_does_not_exist(place: Workplace, notice: NoticeView, factory: Factory) -> None:
    elsewhere = await Workplace.open(factory, place.ring)
    with pytest.raises(NotFound):
        await service.notice(elsewhere.manager, notice.id)
    assert (await service.notices(elsewhere.manager)).rows == []


async def test_notices_come_in_pages_newest_first(place: Workplace, notice: NoticeView) -> None:
    visit = await value("SELECT id FROM visit")
    for _ in range(4):
        finding = FindingInput(id=uuid4(), severity=Severity.GENERAL, description="worn")
        await visits.add_finding(place.technician, visit, finding)
    seen: list[str] = []
    cursor = None
    while True:
        page = await service.notices(place.manager, cursor=cursor, limit=2)
        seen += [row.number for row in page.rows]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == sorted(seen, reverse=True)
    assert len(seen) == 5
    with pytest.raises(InvalidInput):
        await service.notices(place.manager, cursor="x")


async def test_a_site_without_an_owner_still_gets_its_notice(place: Workplace) -> None:
    await value("UPDATE site SET owner = NULL WHERE id = $1 RETURNING id", place.site)
    opened = await place.arrive()
    finding = FindingInput(id=uuid4(), severity=Severity.GENERAL, description="worn")
    await visits.add_finding(place.technician, opened.summary.id, finding)
    (row,) = (await service.notices(place.manager)).rows
    assert (row.owner, row.owner_name) == (None, "")
    assert str(clock.now().year) in row.number

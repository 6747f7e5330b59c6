"""What is new comes down an open stream, once, in order, also after it was cut."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import httpx
import pytest

from backend import database
from backend.dispatch import service as dispatch
from backend.dispatch.inputs import RaiseInput
from backend.messages import inbox
from backend.messages.live import switchboard
from backend.messages.service import send_inside
from backend.messages.views import Kind, Message, ToAccount
from backend.scope import Role, Scope, of_firm
from mobile_api import streams
from tests.support.dispatch import Station
from tests.support.factory import Factory
from tests.support.http import PASSWORD, Site, account
from tests.support.visits import value

WAIT_S = 10.0


class Stream:
    """An open answer of the application, read event by event."""

    def __init__(self) -> None:
        self.parts: asyncio.Queue[bytes] = asyncio.Queue()
        self.over = asyncio.Event()
        self.status = 0
        self._rest = ""

    async def receive(self) -> dict[str, Any]:
        await self.over.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            await self.parts.put(message.get("body", b""))

    async def event(self, kind: str) -> tuple[str, Any]:
        """The next event of a kind: its id and its data."""
        while True:
            while "\r\n\r\n" not in self._rest:
                self._rest += (await asyncio.wait_for(self.parts.get(), WAIT_S)).decode()
            block, _, self._rest = self._rest.partition("\r\n\r\n")
            fields = dict(line.split(": ", 1) for line in block.split("\r\n") if not line.startswith(":") and ": " in line)
            if fields.get("event") == kind:
                return fields.get("id", ""), json.loads(fields["data"])


@asynccontextmanager
async def opened(http: Site, path: str, token: str, **headers: str) -> AsyncIterator[Stream]:
    """The application answering a GET until the client goes away."""
    stream = Stream()
    path, _, query = path.partition("?")
    sent = {"host": "testserver.local", "authorization": f"Bearer {token}"} | {
        k.replace("_", "-"): v for k, v in headers.items()
    }
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http", "path": path,
        "raw_path": path.encode(), "query_string": query.encode(), "root_path": "", "client": ("127.0.0.1", 1),
        "server": ("testserver.local", 80), "headers": [(k.encode(), v.encode()) for k, v in sent.items()],
    }  # fmt: skip
    task = asyncio.create_task(http.app(scope, stream.receive, stream.send))  # type: ignore[arg-type]
    try:
        yield stream
    finally:
        stream.over.set()
        await asyncio.wait_for(task, WAIT_S)


@pytest.fixture
def lasting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "LIFE_S", 60.0)


async def reader(http: Site, firm: UUID) -> tuple[Scope, str]:
    """A manager with a token."""
    login = await account(firm, Role.MANAGER)
    answer = await http.anybody().post("/api/v1/sessions", json={"login": login, "password": PASSWORD})
    id_ = await value("SELECT id FROM account WHERE login = $1", login)
    return Scope(role=Role.MANAGER, firm=firm, account=id_), str(answer.json()["token"])


async def tell(scope: Scope, title: str) -> None:
    assert scope.account is not None
    assert scope.firm is not None
    async with database.tx(of_firm(scope.firm)):
        message = Message(to=ToAccount(scope.account), kind=Kind.NOTICE, title_zh=title, title_en=title)
        await send_inside(scope.firm, message)


async def test_a_message_comes_down_an_open_stream_and_what_was_missed_comes_when_it_is_resumed(
    http: Site, factory: Factory, lasting: None
) -> None:
    scope, token = await reader(http, await factory.firm())
    async with opened(http, "/api/v1/inbox/stream", token) as stream:
        assert (await stream.event("unread"))[1] == {"unread": 0}
        await tell(scope, "one")
        number, item = await stream.event("message")
        assert (item["title_en"], (await stream.event("unread"))[1]) == ("one", {"unread": 1})
    await tell(scope, "two")
    await tell(scope, "three")
    async with opened(http, "/api/v1/inbox/stream", token, last_event_id=number) as stream:
        titles = [(await stream.event("message"))[1]["title_en"] for _ in range(2)]
    assert titles == ["two", "three"]


async def test_a_message_whose_transaction_commits_last_is_not_passed_over(http: Site, factory: Factory, lasting: None) -> None:
    scope, token = await reader(http, await factory.firm())
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        assert scope.account is not None
        assert scope.firm is not None
        async with database.tx(of_firm(scope.firm)):
            message = Message(to=ToAccount(scope.account), kind=Kind.NOTICE, title_zh="slow", title_en="slow")
            await send_inside(scope.firm, message)
            begun.set()
            await go_on.wait()

    async with opened(http, "/api/v1/inbox/stream", token) as stream:
        await stream.event("unread")
        writing = asyncio.create_task(slow())
        await begun.wait()
        await tell(scope, "quick")
        assert (await stream.event("message"))[1]["title_en"] == "quick"
        go_on.set()
        await writing
        assert (await stream.event("message"))[1]["title_en"] == "slow"


async def test_readers_at_once_give_each_message_one_number(factory: Factory) -> None:
    place = await Station.open(factory)
    for n in range(20):
        await tell(place.manager, f"{n}")
    await asyncio.gather(*[inbox.inbox(place.manager) for _ in range(6)])
    page = await inbox.inbox(place.manager)
    assert [item.number for item in page.items] == list(range(20, 0, -1))


async def test_a_rescue_is_told_to_those_who_watch_and_to_no_other_firm(http: Site, factory: Factory, lasting: None) -> None:
    place, other = await Station.open(factory), await Station.open(factory)
    _scope, token = await reader(http, place.firm)
    _other, foreign = await reader(http, other.firm)
    async with (
        opened(http, "/api/v1/dispatches/stream", token) as mine,
        opened(http, "/api/v1/dispatches/stream", foreign) as theirs,
    ):
        assert (await mine.event("open"))[1]["open"] == 0
        assert (await theirs.event("open"))[1]["open"] == 0
        raised = await dispatch.raise_dispatch(place.manager, RaiseInput(call="a", elevator=str(place.elevator)))
        assert (await mine.event("open"))[1] == {"open": 1, "ids": [str(raised.summary.id)]}
        assert theirs.parts.empty()
    assert switchboard()._waiting == {}
    assert switchboard()._task is None  # no connection is kept for nobody


async def test_what_was_read_is_read_once(http: Site, factory: Factory) -> None:
    scope, token = await reader(http, await factory.firm())
    await tell(scope, "one")
    api: httpx.AsyncClient = http.anybody(headers={"Authorization": f"Bearer {token}"})
    (item,) = (await api.get("/api/v1/inbox")).json()["items"]
    first = (await api.post(f"/api/v1/inbox/{item['id']}/acknowledge")).json()
    again = (await api.post(f"/api/v1/inbox/{item['id']}/acknowledge")).json()
    assert first == again
    assert (await api.get("/api/v1/inbox")).json()["unread"] == 0

"""The application in the test's own process and event loop, and clients signed in to it.

Litestar's own test client runs the app in another loop but takes the test's context variables along, so that a transaction
opened in the test would hang it; httpx's transport stays in the test's loop.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from argon2 import PasswordHasher
from litestar import Litestar
from litestar.datastructures import State

from backend import keyfile
from backend.scope import Role
from backend.settings import Settings
from mobile_api import streams
from mobile_api.app import create_app
from tests.support.factory import Factory, insert

PASSWORD = "correct horse battery"
BASE_URL = "http://testserver.local"

_password_hash = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
"""Cheap to verify, because what a hash costs stands in the hash: thousands of tests sign in."""


streams.LIFE_S = 0.05
"""A client inside of the process gets an answer when it is whole; streams that live are tested against a server."""

_keys: dict[str, bytes] = {}
_apps: dict[tuple[object, ...], Litestar] = {}
"""Applications by all that they are made of: to make one takes 0.4 s, and hundreds of tests need one."""


def give_keys(folder: Path) -> None:
    """Put the key files of this test run into a data folder, so that its tests share an application."""
    if not _keys:
        settings = Settings(data_dir=folder)
        keyfile.label_keys(settings)
        keyfile.log_keys(settings)
        keyfile.beacon_keys(settings)
        keyfile.handover_keys(settings)
        keyfile.page_secret(settings)
        keyfile.message_key(settings)
        keyfile.push_key(settings)
        _keys.update({name: (folder / name).read_bytes() for name in keyfile.KEY_FILES})
    for name, content in _keys.items():
        (folder / name).touch(mode=0o600)
        (folder / name).write_bytes(content)


def _app(settings: Settings) -> Litestar:
    ring, secret = keyfile.label_keys(settings), keyfile.page_secret(settings)
    made_of = (
        settings.database_url, settings.public_url, settings.host, settings.port, ring.keys, secret, settings.sms_url,
        settings.message_file, settings.firebase_project, settings.auth_emulator,
    )  # fmt: skip
    if made_of not in _apps:
        _apps[made_of] = create_app(settings)
    _apps[made_of].state = State()  # nothing of the test before
    return _apps[made_of]


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[Litestar]:
    """An application after its start and before its end; uses the pool of the `db` fixture where it is open."""
    app = _app(settings)
    started, over = asyncio.Event(), asyncio.Event()

    async def live() -> None:  # in a task of its own: start and end must be in one, and a fixture's are not
        async with app.lifespan():
            started.set()
            await over.wait()

    life = asyncio.create_task(live())
    begun = asyncio.create_task(started.wait())
    await asyncio.wait({life, begun}, return_when=asyncio.FIRST_COMPLETED)
    begun.cancel()
    try:
        if life.done():
            await life  # raises what went wrong at the start
        yield app
    finally:
        over.set()
        await life


def client_of(app: Litestar, **options: Any) -> httpx.AsyncClient:
    """A client that nobody is signed in to. Redirects are not followed, so that tests see them."""
    transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)  # type: ignore[arg-type]
    return httpx.AsyncClient(transport=transport, base_url=BASE_URL, **options)


async def account(firm: UUID | None, role: Role, **person: UUID) -> str:
    """Write an account whose password is `PASSWORD`; return its login.

    A technician or owner is made where none is named: `technician=…`, `owner=…`.
    """
    factory = Factory()
    if role is Role.TECHNICIAN and "technician" not in person:
        assert firm is not None
        person["technician"] = await factory.technician(firm)
    if role is Role.OWNER and "owner" not in person:
        assert firm is not None
        person["owner"] = await factory.owner(firm)
    login = f"{role.value}-{uuid4().hex[:8]}"
    no_firm = role in (Role.ADMIN, Role.REGULATOR)
    await insert("account", firm=None if no_firm else firm, login=login, password_hash=_password_hash, role=role.value,
                 name=login, active=True, **person)  # fmt: skip
    return login


class Site:
    """The running application, from which clients are made."""

    def __init__(self, app: Litestar) -> None:
        self.app = app
        self._open: list[httpx.AsyncClient] = []

    def anybody(self, **options: Any) -> httpx.AsyncClient:
        """A client that nobody is signed in to."""
        client = client_of(self.app, **options)
        self._open.append(client)
        return client

    async def api(self, role: Role, firm: UUID | None = None, **person: UUID) -> httpx.AsyncClient:
        """A client of the API with a bearer token of a new account of that role."""
        client = self.anybody(headers={"Accept-Language": "en"})
        login = await account(firm, role, **person)
        answer = await client.post("/api/v1/sessions", json={"login": login, "password": PASSWORD})
        assert answer.status_code == 201, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return client

    def device(self, key: str) -> httpx.AsyncClient:
        """A client of the API with a device's key."""
        return self.anybody(headers={"Authorization": f"Bearer {key}", "Accept-Language": "en"})

    async def browser(self, role: Role, firm: UUID | None = None, language: str = "en", **person: UUID) -> Browser:
        """A browser signed in with a new account of that role."""
        browser = self.browser_of_anybody(language)
        login = await account(firm, role, **person)
        await browser.get("/sign-in")
        answer = await browser.post("/sign-in", {"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return browser

    def browser_of_anybody(self, language: str = "en") -> Browser:
        """A browser that nobody is signed in to."""
        return Browser(self.anybody(headers={"Accept-Language": language}))

    async def close(self) -> None:
        """Close all clients."""
        for client in self._open:
            await client.aclose()


class Browser:
    """Pages with cookies; posts carry the CSRF token of the pages seen before."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client

    async def get(self, path: str, **options: Any) -> httpx.Response:
        """Fetch a page without following redirects."""
        return await self.client.get(path, **options)

    async def post(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form without following the redirect; `files=` sends it as multipart."""
        if "csrftoken" not in self.client.cookies:
            await self.client.get("/sign-in")
        token = {"_csrf_token": self.client.cookies["csrftoken"]}
        return await self.client.post(path, data=token | (form or {}), **options)

    async def post_and_follow(self, path: str, form: dict[str, Any] | None = None, **options: Any) -> httpx.Response:
        """Send a form and fetch the page that it leads to."""
        answer = await self.post(path, form, **options)
        assert answer.status_code == 303, f"{answer.status_code}: {answer.text[:2000]}"
        return await self.client.get(answer.headers["location"])

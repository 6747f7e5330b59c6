"""All routes: nobody gets in without the role, and what belongs to another firm does not exist.

The routes are taken from the running application, so a new one is tried from its first day. One that names a kind of thing
that is not known here fails until it is added to `KINDS` in `tests.support.routes`, and a thing of that kind to
`tests.support.world`.
"""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import httpx
import pytest
from litestar.handlers import BaseRouteHandler

from backend import keyfile
from backend.scope import Role
from backend.settings import Settings
from mobile_api.security import handlers_of
from tests.support.factory import Factory
from tests.support.http import Browser, Site
from tests.support.routes import FIELDS, MADE_BY_THE_SENDER, body_type, example, fields_of, filled, inner
from tests.support.world import World, world

MARKER = "FOREIGN"

OPEN = {"/api/v1/rule-packs/{id:str}", "/api/v1/rule-packs/{id:str}/versions",
        "/office/rules/{id:str}",
        "/schema/{path:str}", "/static/{file_path:path}", "/api/v1/elevators/{code:str}/public", "/e/{code:path}",
        "/E/{code:path}", "/t/{name:path}"}  # fmt: skip
"""What belongs to no firm, or is public."""

COUNTED = {"/api/v1/risk/versions/{number:int}"}
"""Numbers that each firm counts for itself: one's own answers to a number that another firm has too."""

ENDS = ("/withdraw", "/end", "/password", "/switch")
"""Addresses after which a thing is gone, or its holder signed out; tried last."""

NOT_TWICE = (
    "/photos/{id:uuid}",  # its content has not come in
    "/inbox/{id:uuid}/",  # the message is another account's
    "/push-subscriptions/{id:uuid}",  # the browser too
    "/inbox/subscriptions/{id:uuid}/",
    "/work/dispatches/{id:uuid}/arrival",  # the code in the form is none of ours
    "/office/labels/{id:uuid}/replace",  # the code in the form is none of ours
    "/passkeys/{id:uuid}",  # the passkey is the account's of the world, not of who asks
    "/account/passkeys/{id:uuid}/remove",
    "/account/sessions/{id:uuid}/end",  # the session is another account's
    "/office/rounds/{id:uuid}/withdraw",  # the API has withdrawn it by then
)
"""What rightly finds nothing though the thing in its address is one's own."""

FORM = {
    "reason": "text", "name": "text", "version": "", "code": "text", "password": "0123456789", "active": "yes", "old": "x",
    "new": "y", "q": "text", "number": "N1", "badge": "B1", "expires_on": "2027-01-01", "starts_on": "2027-01-01",
    "ends_on": "2027-01-02", "technician": "", "elevator": "",
}  # fmt: skip

Route = tuple[str, str, BaseRouteHandler]


def routes(site: Site) -> list[Route]:
    """Method, path and handler of everything that is not public."""
    return [
        (method, path, handler)
        for path, handler in handlers_of(site.app)
        for method in sorted(handler.http_methods)  # type: ignore[attr-defined]
        if handler.opt["roles"] and method != "HEAD"
    ]


def is_api(path: str) -> bool:
    return path.startswith("/api/")


def body(path: str, handler: BaseRouteHandler, ids: dict[str, str]) -> Any:
    """An acceptable body of a handler, None where it takes none."""
    if path.endswith("/refuse"):
        return {"version": 1, "reason": "text"}  # optional in the type, because a confirmation has none
    return None if body_type(handler) is None else example(body_type(handler), "data", ids)


def id_fields(kind: Any) -> Iterator[tuple[str, bool]]:
    """The fields of a body that name another thing, and whether it is a list of them."""
    for field in fields_of(kind):
        hint = inner(field.type)
        if hint is UUID and field.name not in MADE_BY_THE_SENDER:
            yield field.name, False
        if typing.get_origin(hint) is not None and UUID in typing.get_args(hint):
            yield field.name, True


class Askers:
    """A client of each role in one firm."""

    def __init__(self, site: Site, place: World) -> None:
        self._site, self._world = site, place
        self._api: dict[Role, httpx.AsyncClient] = {}
        self._pages: dict[Role, Browser] = {}

    def _person(self, role: Role) -> dict[str, UUID]:
        if role is Role.TECHNICIAN:
            return {"technician": UUID(self._world.ids["technician"])}
        return {"owner": UUID(self._world.ids["owner"])} if role is Role.OWNER else {}

    async def send(
        self, role: Role | None, method: str, path: str, url: str, json: Any = None, **options: Any
    ) -> httpx.Response:
        """Send a request as somebody: with a token to the API, with a cookie and a CSRF token to the pages."""
        if is_api(path):
            client = await self._token(role)
            return await client.request(method, url, json=json, **options)
        browser = await self._browser(role)
        return await (browser.get(url, **options) if method == "GET" else browser.post(url, dict(FORM), **options))

    async def _token(self, role: Role | None) -> httpx.AsyncClient:
        if role is None:
            return self._site.anybody()
        if role is Role.DEVICE:
            return self._site.device(self._world.ids["device_key"])
        if role not in self._api:
            self._api[role] = await self._site.api(role, self._world.firm, **self._person(role))
        return self._api[role]

    async def _browser(self, role: Role | None) -> Browser:
        if role is None or role is Role.DEVICE:
            return self._site.browser_of_anybody()
        if role not in self._pages:
            self._pages[role] = await self._site.browser(role, self._world.firm, "en", **self._person(role))
        return self._pages[role]


class Two:
    """Two firms with one of everything, and everybody of the first."""

    def __init__(self, site: Site, mine: World, foreign: World) -> None:
        self.site, self.mine, self.foreign = site, mine, foreign
        self.askers = Askers(site, mine)


@pytest.fixture
async def two(http: Site, factory: Factory, settings: Settings) -> Two:
    ring = keyfile.label_keys(settings)
    return Two(http, await world(factory, ring, "OWN"), await world(factory, ring, MARKER))


def in_a_firm(handler: BaseRouteHandler) -> list[Role]:
    """The roles of a handler that see one firm only."""
    return [role for role in handler.opt["roles"] if role not in (Role.ADMIN, Role.REGULATOR, Role.DEVICE)]


async def test_what_belongs_to_another_firm_does_not_exist(two: Two) -> None:
    wrong: list[str] = []
    tried = 0
    for method, path, handler in routes(two.site):
        if "{" not in path or path in OPEN | COUNTED:
            continue
        json = body(path, handler, two.mine.ids)
        for role in in_a_firm(handler):
            answer = await two.askers.send(role, method, path, filled(path, two.foreign.ids), json)
            tried += 1
            if answer.status_code != 404 or MARKER in answer.text:
                wrong.append(f"{role.value} {method} {path}: {answer.status_code} {answer.text[-300:]}")
    assert wrong == []
    assert tried > 130


async def test_the_same_requests_find_what_is_ones_own(two: Two) -> None:
    """Without this the test above could pass because nothing is ever found."""
    lost: list[str] = []
    order = ("GET", "PUT", "PATCH", "POST", "DELETE")
    for method, path, handler in sorted(routes(two.site), key=lambda route: (order.index(route[0]), route[1].endswith(ENDS))):
        if "{" not in path or path in OPEN or method == "DELETE" or path.endswith("/remove") or "{of:" in path:
            continue
        ids = two.mine.ids | ({"visit": two.mine.ids["open_visit"]} if path.startswith("/work/visits/{id:uuid}/zones") else {})
        json = body(path, handler, two.mine.ids)
        role = next(iter(in_a_firm(handler)), None)
        if role is None:
            continue  # a device's, which has no ids in its path
        answer = await two.askers.send(role, method, path, filled(path, ids), json)
        if answer.status_code in (404, 500):
            lost.append(f"{role.value} {method} {path}: {answer.status_code}")
    assert [line for line in lost if not any(path in line for path in NOT_TWICE)] == []


def id_parameters(path: str, handler: BaseRouteHandler) -> list[str]:
    """The parameters behind an address that name a thing; a page that reads its address itself may take any."""
    declared = handler.parsed_fn_signature.parameters
    if not is_api(path) and "request" in declared and "{" not in path:
        return sorted(FIELDS)
    return [name for name in declared if name in FIELDS]


async def test_parameters_with_another_firms_ids_tell_nothing(two: Two) -> None:
    told: list[str] = []
    tried = 0
    for method, path, handler in routes(two.site):
        for name in id_parameters(path, handler) if method == "GET" else ():
            query = {"firm" if name == "of_firm" else name: two.foreign.ids[FIELDS[name]]}
            for role in in_a_firm(handler):
                answer = await two.askers.send(role, method, path, filled(path, two.mine.ids), params=query)
                tried += 1
                if MARKER in answer.text or answer.status_code >= 500:
                    told.append(f"{role.value} {path} {query}: {answer.status_code}")
    assert told == []
    assert tried > 100


async def test_bodies_with_another_firms_ids_are_refused(two: Two) -> None:
    taken: list[str] = []
    tried = 0
    for method, path, handler in routes(two.site):
        kind = body_type(handler)
        for name, several in id_fields(kind):
            assert name in FIELDS, f"{path}: say in FIELDS what {name} names"
            foreign = two.foreign.ids[FIELDS[name]]
            json = example(kind, "data", two.mine.ids) | {name: [foreign] if several else foreign}
            if kind.__name__ == "NewAccount":
                json |= {"role": name, "password": "0123456789", "login": "x"}
            if "{" in path and "firm" in path:
                continue
            for role in in_a_firm(handler):
                answer = await two.askers.send(role, method, path, filled(path, two.mine.ids), json)
                tried += 1
                if answer.status_code not in (400, 403, 404, 409) or MARKER in answer.text:
                    taken.append(f"{role.value} {method} {path} {name}: {answer.status_code} {answer.text[:200]}")
    assert taken == []
    assert tried > 10


FORMS = [
    ("/office/sites/new", {"name": "S"}, "owner", "owner"),
    ("/office/contracts/new", {"number": "N", "starts_on": "2026-01-01"}, "owner", "owner"),
    ("/office/elevators/new", {"registration_code": "X1", "equipment_type": "dumbwaiter"}, "site", "site"),
    ("/office/labels/mint", {}, "elevator", "elevator"),
    ("/office/labels/print", {"stock": "L7160"}, "label", "label"),
    ("/office/labels/claim", {"code": "x"}, "elevator", "elevator"),
    ("/office/labels/print", {"stock": "L7160"}, "batch", "batch"),
]


async def test_forms_with_another_firms_ids_are_refused(two: Two) -> None:
    browser = await two.site.browser(Role.MANAGER, two.mine.firm)
    taken = []
    for path, form, field, kind in FORMS:
        answer = await browser.post(path, form | {field: two.foreign.ids[kind]})
        if answer.status_code not in (400, 404, 409) or MARKER in answer.text:
            taken.append(f"{path} {field}: {answer.status_code}")
    assert taken == []


async def test_an_owner_sees_nothing_of_another_owner_of_the_same_firm(two: Two, factory: Factory) -> None:
    neighbour = {"owner": await factory.owner(two.foreign.firm)}
    api = await two.site.api(Role.OWNER, two.foreign.firm, **neighbour)
    browser = await two.site.browser(Role.OWNER, two.foreign.firm, "en", **neighbour)
    wrong = []
    for method, path, handler in routes(two.site):
        if Role.OWNER not in handler.opt["roles"] or "{" not in path:
            continue
        url = filled(path, two.foreign.ids)
        json = body(path, handler, two.foreign.ids)
        if is_api(path):
            answer = await api.request(method, url, json=json)
        else:
            answer = await (browser.get(url) if method == "GET" else browser.post(url, dict(FORM)))
        if answer.status_code != 404 or "FOREIGN car" in answer.text:
            wrong.append(f"{method} {path}: {answer.status_code}")
    assert wrong == []


async def test_nobody_gets_in_without_the_role(two: Two) -> None:
    wrong: list[str] = []
    for method, path, handler in routes(two.site):
        url = filled(path, two.mine.ids) if path not in OPEN else path.replace("{id:str}", "cn-fixed-15")
        json = body(path, handler, two.mine.ids)
        for role in (None, *Role):
            if role in handler.opt["roles"]:
                continue
            anonymous = role is None or (role is Role.DEVICE and not is_api(path))
            answer = await two.askers.send(role, method, path, url, json)
            allowed = {401, 303} if anonymous and not is_api(path) and method == "GET" else {401} if anonymous else {403}
            to_sign_in = answer.status_code != 303 or answer.headers["location"].startswith("/sign-in?next=")
            if answer.status_code not in allowed or not to_sign_in or MARKER in answer.text:
                wrong.append(f"{role} {method} {path}: {answer.status_code}")
    assert wrong == []


async def test_no_form_is_taken_without_its_csrf_token(two: Two) -> None:
    browser = await two.site.browser(Role.MANAGER, two.mine.firm)
    taken = []
    for method, path, handler in routes(two.site):
        if is_api(path) or method == "GET":
            continue
        assert isinstance(handler, BaseRouteHandler)
        answer = await browser.client.request(method, filled(path, two.mine.ids), data=FORM)
        if answer.status_code != 403:
            taken.append(f"{method} {path}: {answer.status_code}")
    assert taken == []


async def test_a_page_session_is_no_api_token_and_a_token_opens_no_page(two: Two) -> None:
    browser = await two.site.browser(Role.MANAGER, two.mine.firm)
    cookie = browser.client.cookies["liftrounds_session"]
    answer = await two.site.anybody().get("/api/v1/elevators", headers={"Authorization": f"Bearer {cookie}"})
    assert answer.status_code == 401
    api = await two.site.api(Role.MANAGER, two.mine.firm)
    assert (await api.get("/office")).status_code == 303


async def test_a_manager_who_sends_the_cookie_of_a_chosen_firm_stays_in_their_own(two: Two) -> None:
    browser = await two.site.browser(Role.MANAGER, two.mine.firm)
    browser.client.cookies["liftrounds_firm"] = two.foreign.ids["firm"]
    page = await browser.get("/office/elevators")
    assert "OWN" in page.text
    assert MARKER not in page.text

"""Whatever stands behind an address: the answer is never a mistake of ours."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest

from backend import keyfile
from backend.scope import Role
from backend.settings import Settings
from mobile_api.security import handlers_of
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.routes import body_type, example, fields_of, filled
from tests.support.world import world

STRANGE = [
    "", "x", "-1", "0001-01-01", "9999-12-31", "9" * 30, "nul\x00byte", "' OR 1=1 --", "😀", "%", "_", "\\", "<script>",
    "2026-02-30T25:61:00Z", "00000000-0000-0000-0000-000000000000", "a" * 5000,
]  # fmt: skip


PUBLIC = {"/api/v1/rule-packs/{id:str}", "/e/{code:path}", "/E/{code:path}", "/api/v1/elevators/{code:str}/public",
          "/t/{name:path}"}  # fmt: skip

FIELDS = [
    "name", "reason", "code", "text", "login", "password", "start_date", "days", "seed", "time_limit_s", "version", "lat",
    "lon", "owner", "site", "elevator", "label", "count", "start", "stock", "kind", "number", "starts_on", "ends_on", "weekday",
    "result", "registration_code", "mode", "state", "rule_pack", "packed", "filename", "do", "mapping", "what", "batch", "day",
    "counts", "item_exclusions", "access_hours", "skills", "stops", "service_min", "role", "technician", "active",
]  # fmt: skip
"""Names of fields of forms."""


def read_handlers(site: Site, api: bool) -> list[tuple[str, list[str]]]:
    """Paths of handlers that read, with the names of their parameters."""
    found = []
    for path, handler in handlers_of(site.app):
        if "GET" not in handler.http_methods or path.startswith(("/schema", "/static")):  # type: ignore[attr-defined]
            continue
        roles = handler.opt["roles"]
        if path.startswith("/api/") is api and (not roles or Role.MANAGER in roles):
            declared = handler.parsed_fn_signature.parameters
            names = [
                name for name in declared if name not in ("asker", "ring", "settings", "request", "id", "code", "if_match")
            ]
            found.append((path, names or ["text", "cursor"]))
    return found


@pytest.mark.parametrize("api", [True, False], ids=["api", "pages"])
async def test_no_parameter_is_a_mistake_of_ours(http: Site, factory: Factory, settings: Settings, api: bool) -> None:
    one = await world(factory, keyfile.label_keys(settings), "OWN")
    client = await http.api(Role.MANAGER, one.firm) if api else (await http.browser(Role.MANAGER, one.firm)).client
    wrong = []
    for path, names in read_handlers(http, api):
        address = filled(path, one.ids) if path not in PUBLIC else path
        if "{" in address:
            continue
        for name in names:
            for value in STRANGE:
                answer = await client.get(address, params={name.removeprefix("wanted_").removeprefix("of_"): value})
                if answer.status_code >= 500:
                    wrong.append(f"{path} {name}={value[:40]!r}: {answer.status_code}")
    assert wrong == []


async def test_no_text_in_a_form_of_the_office_is_a_mistake_of_ours(http: Site, factory: Factory, settings: Settings) -> None:
    one = await world(factory, keyfile.label_keys(settings), "OWN")
    browser = await http.browser(Role.MANAGER, one.firm)
    wrong = []
    for path, handler in handlers_of(http.app):
        if not path.startswith(("/office", "/account")) or "POST" not in handler.http_methods:  # type: ignore[attr-defined]
            continue
        if Role.MANAGER not in handler.opt["roles"] or path.endswith("/end"):
            continue
        address = filled(path, one.ids)
        for value in STRANGE:
            answer = await browser.post(address, dict.fromkeys(FIELDS, value))
            if answer.status_code >= 500:
                wrong.append(f"{path} {value[:40]!r}: {answer.status_code}")
    assert wrong == []


STRANGE_VALUES = [
    None, 0, -1, 10**30, 1e308, True, [], {}, "", "nul\x00byte", "9999-12-31", "0001-01-01T00:00:00Z", "😀" * 40, "a" * 5000,
    [None], [10**30], {"\x00": "\x00"}, str(uuid4()),
]  # fmt: skip


async def test_no_value_in_a_body_is_a_mistake_of_ours(http: Site, factory: Factory, settings: Settings) -> None:
    one = await world(factory, keyfile.label_keys(settings), "OWN")
    person = {Role.TECHNICIAN: {"technician": UUID(one.ids["technician"])}, Role.OWNER: {"owner": UUID(one.ids["owner"])}}
    clients = {role: await http.api(role, one.firm, **person.get(role, {})) for role in (Role.MANAGER, *person)}
    wrong = []
    for path, handler in handlers_of(http.app):
        kind = body_type(handler)
        role = next((role for role in clients if role in handler.opt["roles"]), None)
        if role is None or not fields_of(kind) or path in ("/api/v1/sessions", "/api/v1/password"):
            continue
        (method,) = handler.http_methods  # type: ignore[attr-defined]
        for field in fields_of(kind):
            for value in STRANGE_VALUES:
                json = example(kind, "data", one.ids) | {field.encode_name: value}
                answer = await clients[role].request(method, filled(path, one.ids), json=json)
                if answer.status_code >= 500:
                    wrong.append(f"{method} {path} {field.name}={str(value)[:30]!r}: {answer.status_code}")
    assert wrong == []

"""The log over HTTP: what is published, proofs, bundles, and who may have which."""

from __future__ import annotations

import base64
from uuid import UUID

import pytest

from backend import keyfile
from backend.recordlog import service as recordlog
from backend.scope import Role
from backend.settings import Settings
from qr.log import bundle, checkpoint, merkle, note
from qr.log.keys import LogKeys
from tests.support import slow_log
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.visits import Workplace


@pytest.fixture
def keys(http: Site, settings: Settings) -> LogKeys:
    return keyfile.log_keys(settings)


@pytest.fixture
async def place(http: Site, factory: Factory, settings: Settings) -> Workplace:
    return await Workplace.open(factory, keyfile.label_keys(settings))


async def logged(place: Workplace, keys: LogKeys, visits: int = 1) -> list[UUID]:
    made = [await place.finish() for _ in range(visits)]
    await recordlog.append(keys)
    return made


async def entries(http: Site, count: int) -> list[bytes]:
    """The leaves as a monitor reads them."""
    content = (await http.anybody().get(f"/log/tile/entries/000.p/{count}")).content
    found = []
    while content:
        length = int.from_bytes(content[:2], "big")
        found.append(content[2 : 2 + length])
        content = content[2 + length :]
    return found


async def test_a_monitor_can_follow_the_log_with_what_is_published(http: Site, place: Workplace, keys: LogKeys) -> None:
    await logged(place, keys, 3)
    anybody = http.anybody()
    answer = await anybody.get("/log/checkpoint")
    assert answer.headers["content-type"].startswith("text/plain")
    assert answer.headers["access-control-allow-origin"] == "*"
    published = [note.verifier_of(line) for line in (await anybody.get("/log/keys")).text.splitlines()]
    signed = checkpoint.opened(answer.text, published).checkpoint
    leaves = await entries(http, 3)
    assert (signed.size, signed.root) == (3, slow_log.mth(leaves))
    tile = (await anybody.get("/log/tile/0/000.p/3")).content
    assert tile == b"".join(merkle.leaf_hash(leaf) for leaf in leaves)


@pytest.mark.parametrize(
    "path",
    [
        "0/000", "0/000.p/4", "0/000.p/0", "0/000.p/256", "0/001.p/1", "1/000.p/1", "63/000.p/1", "64/000.p/1", "0/x001/000",
        "0/x999/x999/x999/x999/x999/999", "entries/000", "entries/000.p/4", "0/0", "-1/000", "0/000/", "0/..", "x", "0/٠٠٠",
    ],
)  # fmt: skip
async def test_there_is_no_tile_that_the_log_does_not_reach(http: Site, place: Workplace, keys: LogKeys, path: str) -> None:
    await logged(place, keys, 3)
    assert (await http.anybody().get(f"/log/tile/{path}")).status_code == 404


async def test_proofs_over_http_hold(http: Site, place: Workplace, keys: LogKeys) -> None:
    await logged(place, keys, 2)
    old = checkpoint.unverified((await http.anybody().get("/log/checkpoint")).text)
    await logged(place, keys, 3)
    new = checkpoint.unverified((await http.anybody().get("/log/checkpoint")).text)
    found = (await http.anybody().get("/api/v1/log/inclusion", params={"index": 1})).json()
    proof = [bytes.fromhex(one) for one in found["proof"]]
    assert merkle.included(merkle.leaf_hash(found["leaf"].encode()), 1, 5, proof, new.root)
    assert found["root"] == new.root.hex()
    assert base64.b64encode(new.root).decode() in found["checkpoint"]
    grew = (await http.anybody().get("/api/v1/log/consistency", params={"from": 2, "to": 5})).json()
    assert merkle.consistent(2, 5, old.root, new.root, [bytes.fromhex(one) for one in grew["proof"]])


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("inclusion?index=9", 404), ("inclusion?index=-1", 400), ("inclusion", 400), ("inclusion?index=0&size=9", 400),
        ("inclusion?index=1&size=1", 400), ("inclusion?index=99999999999999999999", 404), ("consistency?from=3&to=2", 400),
        ("consistency?from=0&to=99999999999999999999", 400), ("consistency?from=x", 400), ("consistency", 400),
        ("consistency?from=0", 200), ("consistency?from=2&to=2", 200),
    ],
)  # fmt: skip
async def test_what_cannot_be_proved_is_refused(http: Site, place: Workplace, keys: LogKeys, path: str, status: int) -> None:
    await logged(place, keys, 2)
    assert (await http.anybody().get(f"/api/v1/log/{path}")).status_code == status


async def test_before_the_first_visit_there_is_no_checkpoint(http: Site) -> None:
    for path in ("/log/checkpoint", "/log/tile/0/000", "/api/v1/log/inclusion?index=0", "/api/v1/log/consistency?from=0"):
        assert (await http.anybody().get(path)).status_code == 404
    assert (await http.anybody().get("/log/keys")).status_code == 200


async def test_those_who_may_read_a_record_get_it_with_its_proof(http: Site, place: Workplace, keys: LogKeys) -> None:
    (visit,) = await logged(place, keys)
    for role, person in ((Role.MANAGER, {}), (Role.OWNER, {"owner": place.owner})):
        answer = await (await http.api(role, place.firm, **person)).get(f"/api/v1/visits/{visit}/bundle")
        assert "attachment" in answer.headers["content-disposition"]
        report = bundle.check(bundle.read(answer.content), keys.public)
        assert report.valid
        assert report.has_record


async def test_others_do_not_get_it(http: Site, place: Workplace, factory: Factory, keys: LogKeys) -> None:
    (visit,) = await logged(place, keys)
    address = f"/api/v1/visits/{visit}/bundle"
    neighbour = await http.api(Role.OWNER, place.firm, owner=await factory.owner(place.firm))
    foreign = await http.api(Role.MANAGER, await factory.firm())
    assert (await neighbour.get(address)).status_code == (await foreign.get(address)).status_code == 404
    assert (await http.anybody().get(address)).status_code == 401


async def test_anybody_gets_the_public_bundle_by_the_label_and_it_tells_no_more_than_the_page(
    http: Site, place: Workplace, keys: LogKeys
) -> None:
    await logged(place, keys)
    answer = await http.anybody().get(f"/api/v1/elevators/{place.code}/bundle")
    found = bundle.read(answer.content)
    assert bundle.check(found, keys.public).valid
    assert found.record is None
    for secret in ("technician", "王安全", "badge", str(place.firm)):
        assert secret not in answer.text


async def test_the_public_facts_say_where_the_last_visit_stands_in_the_log(http: Site, place: Workplace, keys: LogKeys) -> None:
    await place.finish()
    address = f"/api/v1/elevators/{place.code}/public"
    assert (await http.anybody().get(address)).json()["last_visit"]["log"] is None
    assert (await http.anybody().get(f"/api/v1/elevators/{place.code}/bundle")).status_code == 404
    await recordlog.append(keys)
    log = (await http.anybody().get(address)).json()["last_visit"]["log"]
    assert (log["index"], log["version"]) == (0, 1)


async def test_a_code_of_ones_own_invention_gives_no_bundle(http: Site) -> None:
    assert (await http.anybody().get("/api/v1/elevators/ABCDEFGH-ABCDEF/bundle")).status_code == 404

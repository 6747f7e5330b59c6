"""Photos are declared by entries, come later, are kept without metadata, and a second use of one is found."""

from __future__ import annotations

import asyncio
import hashlib
import random
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from msgspec import structs
from PIL import Image, ImageEnhance

from backend import clock, database
from backend.errors import InvalidInput, NotFound
from backend.scope import Role, Scope
from backend.visits.photos import picture
from backend.visits.photos import queries as photo_queries
from backend.visits.photos import service as photos
from backend.visits.photos.store import FolderStore
from qr.chain.bodies import Photo
from tests.support import pictures
from tests.support.visits import Workplace, value


@pytest.fixture
def store(tmp_path: Path) -> FolderStore:
    return FolderStore(tmp_path / "photos")


async def declare(place: Workplace, content: bytes, visit: UUID | None = None, **values: object) -> Photo:
    one = pictures.declared(content, **values)
    await declare_all(place, [one], visit or uuid4())
    return one


async def declare_all(place: Workplace, ones: list[Photo], visit: UUID) -> list[str]:
    technician = place.technician.technician
    assert technician is not None
    async with database.tx(place.technician):
        found = await photos.declare_inside(place.firm, technician, visit, ones, path="photos")
    return [fault.path for fault in found]


async def send(place: Workplace, store: FolderStore, content: bytes, visit: UUID | None = None) -> photos.PhotoView:
    one = await declare(place, content, visit)
    return await photos.take(place.technician, store, one.id, content)


async def test_the_content_is_kept_once_and_again_changes_nothing(place: Workplace, store: FolderStore) -> None:
    content = pictures.photo_file(1)
    one = await declare(place, content)
    first = await photos.take(place.technician, store, one.id, content)
    assert first.state == "kept"
    assert await photos.take(place.technician, store, one.id, content) == first
    shown = await photos.content(place.technician, store, one.id)
    assert (shown.content, shown.media_type, shown.sha256) == (content, "image/jpeg", one.sha256)
    assert len([path for path in store.folder.rglob("*") if path.is_file()]) == 1


async def test_the_same_content_sent_at_once_is_kept_once(place: Workplace, store: FolderStore) -> None:
    content = pictures.photo_file(1)
    one = await declare(place, content)
    found = await asyncio.gather(*(photos.take(place.technician, store, one.id, content) for _ in range(4)))
    assert {view.state for view in found} == {"kept"}
    assert {view.repeats for view in found} == {None}


async def test_another_file_than_declared_is_refused_with_an_audit_event(place: Workplace, store: FolderStore) -> None:
    one = await declare(place, pictures.photo_file(1))
    with pytest.raises(InvalidInput) as refused:
        await photos.take(place.technician, store, one.id, pictures.photo_file(2))
    assert [fault.path for fault in refused.value.faults] == ["sha256"]
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'photo.refused' AND subject = $1", str(one.id)) == 1
    assert not store.folder.exists()


async def test_a_declared_file_that_is_no_picture_is_refused(place: Workplace, store: FolderStore) -> None:
    whole = pictures.photo_file(1)
    cut = whole[: len(whole) // 2]
    one = pictures.declared(whole, sha256=hashlib.sha256(cut).hexdigest())
    await declare_all(place, [one], uuid4())
    with pytest.raises(InvalidInput):
        await photos.take(place.technician, store, one.id, cut)


async def test_a_photo_that_nobody_declared_is_not_taken(place: Workplace, store: FolderStore) -> None:
    with pytest.raises(NotFound):
        await photos.take(place.technician, store, uuid4(), pictures.photo_file(1))


async def test_a_colleague_does_not_send_another_phone_s_photo(place: Workplace, store: FolderStore) -> None:
    content = pictures.photo_file(1)
    one = await declare(place, content)
    with pytest.raises(NotFound):
        await photos.take(place.second, store, one.id, content)
    assert (await photos.take(place.manager, store, one.id, content)).state == "kept"  # hands a queue over


async def test_an_id_is_not_used_for_two_photos(place: Workplace) -> None:
    visit = uuid4()
    one = pictures.declared(pictures.photo_file(1))
    other = pictures.declared(pictures.photo_file(2), id=one.id)
    assert await declare_all(place, [one], visit) == []
    assert await declare_all(place, [one], visit) == []
    assert await declare_all(place, [other], visit) == ["photos[0].id"]


async def test_what_no_phone_makes_is_not_declared(place: Workplace) -> None:
    content = pictures.photo_file(1)
    bad = [
        pictures.declared(content, bytes=2**53 - 1),
        pictures.declared(content, width_px=100_000, height_px=100_000),
        pictures.declared(content, item="A-1-01\x00"),
    ]
    assert await declare_all(place, bad, uuid4()) == ["photos[0]", "photos[1]", "photos[2]"]


@pytest.mark.parametrize("way", [Image.Transpose.FLIP_LEFT_RIGHT, Image.Transpose.ROTATE_90, Image.Transpose.TRANSVERSE])
async def test_a_mirrored_or_turned_copy_of_another_visit_is_found(
    place: Workplace, store: FolderStore, way: Image.Transpose
) -> None:
    first = await send(place, store, pictures.photo_file(1))
    copy = pictures.file_of(pictures.picture(1).transpose(way), "JPEG", quality=60)
    assert (await send(place, store, copy)).repeats == first.id


async def test_a_photo_of_another_visit_is_found_as_the_same_file_and_as_a_likeness(
    place: Workplace, store: FolderStore
) -> None:
    first = await send(place, store, pictures.photo_file(1))
    assert first.repeats is None
    assert (await send(place, store, pictures.photo_file(2))).repeats is None
    assert (await send(place, store, pictures.photo_file(1))).repeats == first.id
    again = pictures.file_of(pictures.picture(1).resize((200, 150)), "JPEG", quality=40)
    alike = await send(place, store, again)
    assert alike.repeats is not None
    async with database.tx(place.manager):
        row = await photo_queries.photo(alike.id)
    assert row is not None
    assert row.reuse_bits is not None
    assert row.reuse_bits <= photos.ALIKE_BITS
    assert not row.reuse_same_file
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'photo.repeats'") == 2


async def test_dark_pictures_are_not_taken_for_one_another(place: Workplace, store: FolderStore) -> None:
    for grey in (8, 12):
        content = pictures.file_of(Image.new("RGB", (160, 120), (grey, grey, grey)))
        assert (await send(place, store, content)).repeats is None


async def test_another_firm_s_photos_are_never_compared_or_shown(place: Workplace, store: FolderStore) -> None:
    other = await Workplace.open(place.factory, place.ring)
    content = pictures.photo_file(1)
    mine = await send(place, store, content)
    assert (await send(other, store, content)).repeats is None
    with pytest.raises(NotFound):
        await photos.content(other.manager, store, mine.id)


async def test_who_sees_the_visit_sees_its_photos(place: Workplace, store: FolderStore) -> None:
    visit = await place.finish()
    sent = await send(place, store, pictures.photo_file(1), visit)
    stranger = await place.person(Role.OWNER)
    with pytest.raises(NotFound):
        await photos.content(place.owner_scope, store, sent.id)  # not yet a photo of the visit
    async with database.tx(place.manager):
        assert place.technician.technician is not None
        await photo_queries.set_visit([sent.id], visit, place.technician.technician)
    regulator = Scope(role=Role.REGULATOR, firm=None)
    for scope in (place.technician, place.manager, place.owner_scope, regulator):
        assert (await photos.content(scope, store, sent.id)).sha256 == sent.sha256
    with pytest.raises(NotFound):
        await photos.content(stranger, store, sent.id)


async def test_content_is_deleted_after_its_time_and_its_hash_stays(place: Workplace, store: FolderStore) -> None:
    old = await send(place, store, pictures.photo_file(1))
    with clock.stopped_at(clock.now() + timedelta(days=100)):
        new = await send(place, store, pictures.photo_file(2))
        shared = await send(place, store, pictures.photo_file(1))
        assert await photos.forget_old(store, timedelta(days=50)) == 1
        assert (await photos.content(place.technician, store, shared.id)).sha256 == old.sha256  # the other one needs the file
        with pytest.raises(NotFound):
            await photos.content(place.technician, store, old.id)
    with clock.stopped_at(clock.now() + timedelta(days=200)):
        assert await photos.forget_old(store, timedelta(days=50)) == 2
    assert [path for path in store.folder.rglob("*") if path.is_file()] == []
    async with database.tx(place.manager):
        row = await photo_queries.photo(new.id)
    assert row is not None
    assert (row.sha256, row.phash, row.forgotten_at is not None) == (new.sha256, None, True)


async def test_a_damaged_file_is_not_shown(place: Workplace, store: FolderStore) -> None:
    sent = await send(place, store, pictures.photo_file(1))
    store.path(sent.sha256).write_bytes(b"something else")
    with pytest.raises(NotFound):
        await photos.content(place.technician, store, sent.id)


async def test_the_search_reads_the_bands_from_their_indexes(place: Workplace) -> None:
    technician = place.technician.technician
    async with database.tx(place.manager):
        await database.execute(
            "INSERT INTO photo (id, firm, technician, claimed_visit, sha256, bytes, width_px, height_px, taken_at, received_at,"
            " phash, band_0, band_1, band_2, band_3)"
            " SELECT gen_random_uuid(), $1, $2, gen_random_uuid(), md5(n::text) || md5(n::text), 1, 1, 1, now(), now(), h,"
            " h & 65535, h >> 16 & 65535, h >> 32 & 65535, h >> 48 & 65535"
            " FROM (SELECT n, (random() * 9e18)::bigint AS h FROM generate_series(1, 20000) n) AS made",
            place.firm, technician,
        )  # fmt: skip
        await database.execute("ANALYZE photo")
        rows = await database.fetch(
            f"EXPLAIN {photo_queries.ALIKE}", place.firm, 1, uuid4(), uuid4(), 1, 2, 3, 4, photos.ALIKE_BITS
        )
        plan = "\n".join(row[0] for row in rows)
        await database.execute("DELETE FROM photo")
    for band in range(4):
        assert f"photo_band_{band}" in plan
    assert "Seq Scan" not in plan


async def test_no_photo_whose_hash_differs_in_up_to_seven_bits_is_missed(place: Workplace, store: FolderStore) -> None:
    """Brighter, cut at one side, turned by a degree: such copies differ in four to eight bits."""
    first = await send(place, store, pictures.photo_file(1))
    async with database.tx(place.manager):
        row = await photo_queries.photo(first.id)
        assert row is not None
        assert row.phash is not None
        asked = structs.replace(row, id=uuid4())
        chance = random.Random(5)  # noqa: S311 - a test repeats itself
        for _ in range(60):
            other = row.phash & (1 << 64) - 1
            for bit in chance.sample(range(64), 7):
                other ^= 1 << bit
            found = await photo_queries.alike(asked, picture.signed(other), picture.bands(other), photos.ALIKE_BITS)
            assert found is not None
            assert (found.id, found.bits) == (first.id, 7)


async def test_a_photo_made_brighter_and_cut_at_one_side_is_found_again(place: Workplace, store: FolderStore) -> None:
    first = await send(place, store, pictures.photo_file(5))
    whole = pictures.picture(5)
    cut = whole.crop((round(whole.width * 0.02), 0, whole.width, whole.height))
    again = pictures.file_of(ImageEnhance.Brightness(cut).enhance(1.1), "JPEG", quality=70)
    assert (await send(place, store, again)).repeats == first.id

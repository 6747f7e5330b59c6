"""A request of entries that is refused as a whole leaves a mark in the audit trail, in words."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from backend import keyfile
from backend.settings import Settings
from backend.visits.photos import picture
from mobile_api.app import LARGEST_BODY_BYTES
from mobile_api.pages.office import entry_deeds
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.signed import SignedPlace
from tests.support.visits import Workplace, value

TOLD = "SELECT detail->'reasons' FROM audit_event WHERE action = 'phone.entries_refused' AND subject = $1"


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)


@pytest.mark.parametrize(
    ("body", "status", "reason"),
    [
        ({"entries": [{"payload": "", "signature": ""}] * 201}, 400, "request_too_many"),
        ({"entries": ["x" * LARGEST_BODY_BYTES]}, 413, "request_too_large"),
        ({"entry": []}, 400, "request_malformed"),
    ],
)
async def test_it_is_told_once_and_why(signed: SignedPlace, body: dict[str, Any], status: int, reason: str) -> None:
    answer = await signed.first.post(f"/api/v1/phones/{signed.phone.id}/entries", json=body)
    assert answer.status_code == status
    assert await value(TOLD, str(signed.phone.id)) == {reason: 1}
    assert "whole request" in entry_deeds.refused({reason: 1})


async def test_a_phone_that_is_nobodys_leaves_no_mark(signed: SignedPlace) -> None:
    other: UUID = uuid4()
    assert (await signed.first.post(f"/api/v1/phones/{other}/entries", json={"entry": []})).status_code == 400
    assert await value("SELECT count(*) FROM audit_event WHERE action = 'phone.entries_refused'") == 0


async def test_a_photo_that_is_too_large_is_to_be_made_smaller_and_not_split(signed: SignedPlace) -> None:
    answer = await signed.first.put(f"/api/v1/photos/{uuid4()}", content=b"\xff" * (picture.MOST_BYTES + 2048))
    assert answer.status_code == 413
    assert answer.json()["detail"] == "make the photo smaller: at most 12 MB"

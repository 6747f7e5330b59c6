"""What all attacks begin with."""

from __future__ import annotations

import pytest

from backend import keyfile
from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.http import Site
from tests.support.signed import SignedPlace
from tests.support.visits import Workplace


@pytest.fixture
async def signed(factory: Factory, http: Site, settings: Settings) -> SignedPlace:
    """Two technicians with phones at an elevator."""
    return await SignedPlace.open(await Workplace.open(factory, keyfile.label_keys(settings)), http)

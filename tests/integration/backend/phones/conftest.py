"""What all tests of phones need."""

from __future__ import annotations

import pytest

from backend.settings import Settings
from tests.support.factory import Factory
from tests.support.handset import Handset, enrolled
from tests.support.visits import Workplace


@pytest.fixture
async def place(factory: Factory) -> Workplace:
    """One elevator and everybody who has to do with its visits."""
    return await Workplace.open(factory)


@pytest.fixture
async def phone(place: Workplace, settings: Settings) -> Handset:
    """The first technician's phone."""
    return await enrolled(place, place.technician, settings)

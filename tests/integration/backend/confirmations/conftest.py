"""What all tests of confirmations need."""

from __future__ import annotations

import msgspec
import pytest

from backend.settings import Settings
from tests.support.confirming import GATEWAY, give_number
from tests.support.factory import Factory
from tests.support.visits import Workplace


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """An installation that can send text messages."""
    return msgspec.structs.replace(settings, sms_url=GATEWAY)


@pytest.fixture
async def place(factory: Factory) -> Workplace:
    """An elevator whose owner has a number."""
    made = await Workplace.open(factory)
    await give_number(made)
    return made

"""What all tests of the log need."""

from __future__ import annotations

import pytest

from backend import keyfile
from backend.settings import Settings
from qr.log.keys import LogKeys
from tests.support.factory import Factory
from tests.support.visits import Workplace


@pytest.fixture
async def place(factory: Factory) -> Workplace:
    """One elevator and everybody who has to do with its visits."""
    return await Workplace.open(factory)


@pytest.fixture
def keys(settings: Settings) -> LogKeys:
    """The log's keys, made on the first use."""
    return keyfile.log_keys(settings)

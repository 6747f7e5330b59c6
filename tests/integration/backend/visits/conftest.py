"""What all tests of visits need."""

from __future__ import annotations

import pytest

from tests.support.factory import Factory
from tests.support.visits import Workplace


@pytest.fixture
async def place(factory: Factory) -> Workplace:
    """One elevator and everybody who has to do with its visits."""
    return await Workplace.open(factory)

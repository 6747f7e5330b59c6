"""The technician's app is held to the server's rules by files of vectors: they are those of today."""

from __future__ import annotations

import pytest

from tests.support.phone_vectors import FILES, FOLDER, written


@pytest.mark.parametrize("name", FILES)
def test_the_vectors_of_the_phone_are_what_the_server_says_today(name: str) -> None:
    """Whoever changes a rule writes them anew (`python -m tests.support.phone_vectors`) and sees what the phone must learn."""
    assert (FOLDER / name).read_text() == written(name)

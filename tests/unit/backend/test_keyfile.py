"""Key files: made once, and never made anew where labels stand on the old keys."""

from __future__ import annotations

from pathlib import Path

import pytest

from backend.errors import Unavailable
from backend.keyfile import label_keys, refuse_lost_label_keys
from backend.settings import Settings


def test_lost_keys_of_printed_labels_are_not_replaced_in_silence(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="73 labels"):
        refuse_lost_label_keys(Settings(data_dir=tmp_path), 73)
    assert list(tmp_path.iterdir()) == []


def test_a_new_installation_and_one_with_its_keys_go_on(tmp_path: Path) -> None:
    settings = Settings(data_dir=tmp_path)
    refuse_lost_label_keys(settings, 0)
    label_keys(settings)
    refuse_lost_label_keys(settings, 73)

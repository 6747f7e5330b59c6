"""Every reason of telemetry stands in Chinese too, with the same places."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import backend.telemetry
from mobile_api.i18n import LOCALE_DIR

FOLDER = Path(backend.telemetry.__file__).parent
TERMINAL = {"broker.py", "commands.py", "mqtt.py", "outlets.py"}
"""Their refusals are read at a terminal, which speaks English."""

MAKERS = {"Problem", "Fault", "InvalidInput", "NotFound", "Conflict", "NotSignedIn"}


def reasons() -> set[str]:
    """Return the texts of refusals: arguments of what makes them, and what is named a reason before."""
    found = set()
    for path in (path for path in FOLDER.rglob("*.py") if path.name not in TERMINAL):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            texts: list[ast.expr] = []
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKERS:
                texts = list(node.args)
            elif (
                isinstance(node, ast.Assign)
                and isinstance(node.targets[0], ast.Name)
                and node.targets[0].id in ("reason", "way_out")
            ):
                texts = [node.value]
            found |= {
                one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
            }
    return found


def catalogue() -> dict[str, str]:
    messages: dict[str, str] = {}
    for path in LOCALE_DIR.joinpath("zh").glob("*.po"):
        with path.open("rb") as file:
            messages |= {str(message.id): str(message.string) for message in read_po(file) if message.id}
    return messages


CHINESE = catalogue()


def test_there_are_reasons() -> None:
    assert len(reasons()) > 30


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_a_reason_stands_in_chinese_with_the_same_places(reason: str) -> None:
    assert CHINESE.get(reason), reason
    if "[...]" not in reason:  # told as it is, never filled in
        assert places(CHINESE[reason]) == places(reason)


def places(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}

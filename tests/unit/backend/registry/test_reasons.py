"""Every reason of the register stands in Chinese too, with the same places."""

from __future__ import annotations

import ast
import string
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

import backend.paging
import backend.registry
from mobile_api.api import imports
from mobile_api.i18n import LOCALE_DIR

FILES = [
    *sorted(Path(backend.registry.__file__).parent.glob("*.py")), Path(backend.paging.__file__), Path(imports.__file__),
]  # fmt: skip
MAKERS = {
    "InvalidInput", "NotFound", "Conflict", "Outdated", "NotAllowed", "Fault", "of", "Unreadable", "add", "_add", "_refuse",
    "translated", "get", "text_fault",
}  # fmt: skip
NAMED = ("reason", "way_out", "template", "_TAKEN", "_CONTRADICTED")


def reasons() -> set[str]:
    """Texts of refusals: arguments of what makes them, and what is named a reason or written in capitals before."""
    found = set()
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            texts: list[ast.expr] = []
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                texts = [*node.args, *(word.value for word in node.keywords if word.arg == "missing")]
                if name not in MAKERS:
                    texts = [word.value for word in node.keywords if word.arg == "missing"]
            elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                name = node.targets[0].id
                if name in NAMED or (
                    name.isupper() and path.name in ("rules.py", "rows.py", "sheet.py", "workbook.py", "records.py")
                ):
                    texts = list(node.value.values) if isinstance(node.value, ast.Dict) else [node.value]
            elif isinstance(node, ast.Return) and node.value is not None and path.name == "rules.py":
                texts = [node.value]
            found |= {
                one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str) and " " in one.value
            }
    return found - {"column {number}"}  # the name of a column without one, as it is kept


def catalogue() -> dict[str, str]:
    messages: dict[str, str] = {}
    for path in LOCALE_DIR.joinpath("zh").glob("*.po"):
        with path.open("rb") as file:
            messages |= {str(message.id): str(message.string) for message in read_po(file) if message.id}
    return messages


CHINESE = catalogue()


def places(text: str) -> set[str]:
    return {name for _text, name, _form, _kind in string.Formatter().parse(text) if name is not None}


def test_there_are_reasons() -> None:
    assert len(reasons()) > 120


@pytest.mark.parametrize("reason", sorted(reasons()))
def test_every_reason_is_translated_with_its_places(reason: str) -> None:
    assert CHINESE.get(reason), reason
    assert places(CHINESE[reason]) == places(reason)

"""Everything a person reads is there in Chinese, and says the same places."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from mobile_api.i18n import LOCALE_DIR, _catalogue
from mobile_api.pages.render import TEMPLATES, engine

ROOT = Path(__file__).parents[3]
_REFUSALS = frozenset(
    {
        "InvalidInput", "NotSignedIn", "NotAllowed", "NotFound", "LabelRefused", "LabelEnded", "Conflict", "Outdated",
        "OutdatedSnapshot", "RoundTaken", "TooManyAttempts", "Unavailable",
    }
)  # fmt: skip
_AT_THE_TERMINAL = (
    "backend/demo/", "backend/operations/", "backend/processes.py", "backend/settings.py", "backend/migrate.py",
    "backend/telemetry/broker.py", "backend/labels/terminal.py", "backend/telemetry/outlets.py", "backend/rounds/plan_files.py",
)  # fmt: skip
"""What only those who run the installation read, at the terminal, in English."""

_PLACE = re.compile(r"%\((\w+)\)|\{(\w+)")


def in_templates() -> Iterator[tuple[str, str]]:
    environment = engine().engine
    for path in sorted(TEMPLATES.rglob("*.html")):
        for _line, _function, message in environment.extract_translations(path.read_text()):  # type: ignore[attr-defined]
            first = message[0] if isinstance(message, tuple) else message
            if first:
                yield str(path.relative_to(TEMPLATES)), first


def calls_in(folder: str) -> Iterator[tuple[str, str, ast.Call]]:
    for path in sorted((ROOT / folder).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
                yield str(path.relative_to(ROOT)), name, node


def text(node: ast.Call, position: int) -> str | None:
    if len(node.args) <= position:
        return None
    found = node.args[position]
    return found.value if isinstance(found, ast.Constant) and isinstance(found.value, str) else None


def in_code() -> Iterator[tuple[str, str]]:
    for path, name, node in calls_in("mobile_api"):
        if name in ("_", "gettext", "ngettext", "translated") and (found := text(node, 0)):
            yield path, found


def in_refusals() -> Iterator[tuple[str, str]]:
    """Sentences of refusals and reasons of faults; the command line's own are English, like the command line."""
    for folder in ("backend", "mobile_api"):
        for path, name, node in calls_in(folder):
            if path.endswith("commands.py") or path.startswith(_AT_THE_TERMINAL):
                continue
            if name in _REFUSALS and (found := text(node, 0)):
                yield path, found
            made_of = name == "of" and isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "Fault"
            if (name == "Fault" or made_of) and (found := text(node, 2)):
                yield path, found


@pytest.mark.parametrize("source", [in_templates, in_code, in_refusals])
def test_every_sentence_has_its_chinese(source: object) -> None:
    catalogue = _catalogue("zh")._catalog
    missing = [
        f"{path}: {sentence!r}"
        for path, sentence in source()  # type: ignore[operator]
        if sentence not in catalogue and (sentence, 0) not in catalogue
    ]
    assert missing == []


@pytest.mark.parametrize("path", sorted((LOCALE_DIR / "zh").glob("*.po")), ids=lambda path: path.name)
def test_the_chinese_fills_the_same_places(path: Path) -> None:
    with path.open("rb") as file:
        for message in read_po(file, locale="zh", abort_invalid=True):
            if not message.id:
                continue
            english = message.id[-1] if isinstance(message.id, (tuple, list)) else message.id
            chinese = message.string[0] if isinstance(message.string, (tuple, list)) else message.string
            assert chinese, f"{english!r} is empty"
            wanted, found = ({a or b for a, b in _PLACE.findall(part)} for part in (english, chinese))
            assert found <= wanted, f"{english!r}: {chinese!r} has other places"
            assert wanted - found <= {"num"}, f"{english!r}: {chinese!r} lacks places"
            assert not re.search(r"(?<!%)%(?![(%])", chinese if "%(" in english else ""), f"{chinese!r} has a stray %"


def test_every_template_compiles() -> None:
    environment = engine().engine
    for name in environment.list_templates():
        environment.get_template(name)

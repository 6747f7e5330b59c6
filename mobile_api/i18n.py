"""Chinese and English: the language of a request and the catalogues.

A sentence is written in English in the code or template; its Chinese stands in `pages/locale/zh/*.po`, one file per area of
the pages. The catalogues are read once, at start, so no compiled files are committed.
"""

from __future__ import annotations

import io
from contextvars import ContextVar
from functools import cache
from pathlib import Path

from babel.core import negotiate_locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations

LANGUAGES = ("zh", "en")
DEFAULT_LANGUAGE = "zh"
LOCALE_DIR = Path(__file__).parent / "pages" / "locale"

language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)
"""Language of the request under way."""


@cache
def _catalogue(name: str) -> NullTranslations:
    merged = Translations()
    for path in sorted((LOCALE_DIR / name).glob("*.po")):
        compiled = io.BytesIO()
        with path.open("rb") as file:
            write_mo(compiled, read_po(file, locale=name, abort_invalid=True))
        compiled.seek(0)
        found = Translations(compiled)
        merged.merge(found)
        merged.plural = found.plural  # merging leaves English plurals, for which Chinese has no forms
    return merged


def gettext(message: str) -> str:
    """Return a sentence in the language of the request."""
    return message if language.get() == "en" else _catalogue(language.get()).ugettext(message)


def ngettext(singular: str, plural: str, number: int) -> str:
    """Return the sentence for a number in the language of the request."""
    if language.get() == "en":
        return singular if number == 1 else plural
    return _catalogue(language.get()).ungettext(singular, plural, number)


_ = gettext


def translated(template: str, params: dict[str, object]) -> str:
    """Return a sentence with named places in the language of the request, filled in."""
    sentence = gettext(template)
    return sentence.format(**params) if params else sentence


def translated_to(wanted: str, template: str, params: dict[str, object]) -> str:
    """Return a sentence with named places in one language, whatever that of the request is."""
    sentence = template if wanted == "en" else _catalogue(wanted).ugettext(template)
    return sentence.format(**params) if params else sentence


def choose(asked: str | None, remembered: str | None, accept_language: str) -> str:
    """Return the language to answer in.

    Parameters
    ----------
    asked
        The page's `?lang=`.
    remembered
        The cookie of an earlier choice.
    accept_language
        The browser's header; of languages we do not have the next one counts, and none at all means Chinese.
    """
    for wish in (asked, remembered):
        if wish in LANGUAGES:
            return wish
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _sep, quality = part.strip().partition(";q=")
        try:
            wishes.append((float(quality) if quality else 1.0, tag))
        except ValueError:
            continue
    preferred = [tag for weight, tag in sorted(wishes, key=lambda wish: -wish[0]) if tag and weight > 0]
    found = negotiate_locale([tag.split("-")[0] for tag in preferred], LANGUAGES)
    return found or DEFAULT_LANGUAGE

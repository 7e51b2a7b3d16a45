"""The words of each language: gettext catalogues, read once at start.

``locales/<domain>.<lang>.po`` are plain gettext files with English source strings and named
placeholders (``{region}``). They are compiled in memory, so that no built file has to be kept.
"""

import gettext
import io
from collections.abc import Mapping
from importlib import resources

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from storage.model import Lang

DOMAINS = ("alerts", "screens", "operators")


def msg(text: str) -> str:
    """Marks a source string for the catalogues; it is translated where it is used."""
    return text


class Words:
    """One language. ``say`` and ``count`` fill ``{named}`` places; a missing value is a bug and
    raises KeyError."""

    def __init__(self, lang: Lang, catalogue: gettext.NullTranslations) -> None:
        self.lang = lang
        self._catalogue = catalogue

    def say(self, message: str, **values: object) -> str:
        return self._catalogue.gettext(message).format(**values)

    def count(self, one: str, many: str, n: int, **values: object) -> str:
        """``one`` and ``many`` are English; the language's own plural form is chosen by ``n``."""
        return self._catalogue.ngettext(one, many, n).format(n=n, **values)


Texts = Mapping[Lang, Words]


def load() -> Texts:
    """Every language, all domains merged."""
    return {lang: Words(lang, _catalogue(lang)) for lang in Lang}


def _catalogue(lang: Lang) -> gettext.NullTranslations:
    merged: gettext.NullTranslations = gettext.NullTranslations()
    for domain in DOMAINS:
        file = resources.files("bot") / "locales" / f"{domain}.{lang}.po"
        if not file.is_file():
            continue
        compiled = io.BytesIO()
        with file.open("rb") as source:
            write_mo(compiled, read_po(source, locale=lang))
        compiled.seek(0)
        part = gettext.GNUTranslations(compiled)
        part.add_fallback(merged)
        merged = part
    return merged

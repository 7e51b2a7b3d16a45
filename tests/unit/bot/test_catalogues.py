"""Every word that the program says is translated, the same way formatted, and none is left over.

`say` and `count` ask for words; `msg` marks those that stand in tables.
"""

import ast
import re
import string
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from bot.texts import DOMAINS, load
from storage.model import Lang

_BOT = Path(__file__).parents[3] / "bot"
_TRANSLATED = [lang for lang in Lang if lang is not Lang.EN]
_COMMAND = re.compile(r"(?<![\w/])/[a-z_]+\b")
_Id = str | tuple[str, ...]


def asked_in(code: str) -> Iterator[_Id]:
    """Source strings, in f-strings too."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call):
            continue
        values = [each.value if isinstance(each, ast.Constant) else None for each in node.args]
        words = [value if isinstance(value, str) else None for value in values[:2]]
        match node.func, words:
            case ((ast.Attribute(attr="say") | ast.Name(id="msg")), [str(message), *_]):
                yield message
            case ast.Attribute(attr="count"), [str(one), str(many)]:
                yield one, many
            case _:
                pass


def asked() -> set[_Id]:
    files = (file for file in _BOT.rglob("*.py") if "sandbox" not in file.parts)
    return {each for file in files for each in asked_in(file.read_text("utf-8"))}


def catalogues(lang: Lang) -> Iterator[tuple[str, Catalog]]:
    for domain in DOMAINS:
        with (_BOT / "locales" / f"{domain}.{lang}.po").open("rb") as file:
            yield domain, read_po(file, locale=lang.value, abort_invalid=True)


def entries(lang: Lang) -> list[tuple[_Id, Message]]:
    return [
        (message.id if isinstance(message.id, str) else tuple(message.id), message)
        for _, catalogue in catalogues(lang)
        for message in catalogue
        if message.id
    ]


def forms_of(message: Message) -> list[str]:
    if isinstance(message.string, str):
        return [message.string]
    return list(message.string or ())


def wrong_with(id: _Id, forms: list[str], plurals: int) -> list[str]:
    """What a translator or a merge got wrong in one entry."""
    sources = [id] if isinstance(id, str) else list(id)
    wanted = 1 if isinstance(id, str) else plurals
    if len(forms) != wanted or not all(form.strip() for form in forms):
        return [f"{len([form for form in forms if form.strip()])} of {wanted} forms"]
    found = []
    model = sources[-1]
    for form in forms:
        for what, seen in (
            ("placeholders", _placeholders),
            ("lines", lambda text: text.count("\n")),
            ("spaces at the ends", lambda text: (text[:1].isspace(), text[-1:].isspace())),
            ("commands", lambda text: sorted(_COMMAND.findall(text))),
            ("colon at the end", lambda text: text.rstrip().endswith(":")),
            ("ellipsis or dots", lambda text: "..." in text),
        ):
            if seen(form) != seen(model):
                found.append(f"{what}: {form}")
    return found


def _placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    parsed = string.Formatter().parse(text)
    return {(name, spec, conversion) for _, name, spec, conversion in parsed if name is not None}


def differences(wanted: set[_Id], ids: list[_Id]) -> dict[str, set[_Id]]:
    """What the program asks for beside what a catalogue has."""
    found = {
        "missing": wanted - set(ids),
        "unused": set(ids) - wanted,
        "twice": {id for id, times in Counter(ids).items() if times > 1},
    }
    return {what: which for what, which in found.items() if which}


def given_in(code: str) -> Iterator[tuple[str, set[str]]]:
    """Source strings with the names of the values that stand in the same call."""
    for node in ast.walk(ast.parse(code)):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        names = {each.arg for each in node.keywords if each.arg is not None}
        plural = node.func.attr == "count"
        if node.func.attr not in ("say", "count") or len(names) < len(node.keywords):
            continue  # another function, or values that are not named here
        for each in node.args[: 2 if plural else 1]:
            if isinstance(each, ast.Constant) and isinstance(each.value, str):
                yield each.value, names | ({"n"} if plural else set())


@pytest.mark.parametrize("lang", _TRANSLATED)
def test_no_string_is_missing_unused_or_twice(lang: Lang) -> None:
    assert differences(asked(), [id for id, _ in entries(lang)]) == {}


def test_every_place_in_a_string_is_filled_where_it_is_asked_for() -> None:
    """English has no catalogue: its strings stand in the code, and this is what can be wrong."""
    for file in _BOT.rglob("*.py"):
        if "sandbox" in file.parts:
            continue
        for message, given in given_in(file.read_text("utf-8")):
            wanted = {name for name, _, _ in _placeholders(message)}
            assert wanted <= given, f"{file.name}: {message}"
    for id in asked():
        if not isinstance(id, str):
            assert wrong_with(id, list(id), 2) == [], id


@pytest.mark.parametrize("lang", _TRANSLATED)
def test_a_string_that_is_lost_left_over_or_twice_is_seen(lang: Lang) -> None:
    """On the real catalogues, for plain strings and plural forms alike."""
    wanted, ids = asked(), [id for id, _ in entries(lang)]
    plain = next(id for id in ids if isinstance(id, str))
    plural = next(id for id in ids if not isinstance(id, str))
    for id in (plain, plural):
        assert differences(wanted, [each for each in ids if each != id]) == {"missing": {id}}
        assert differences(wanted - {id}, ids) == {"unused": {id}}
        assert differences(wanted, [*ids, id]) == {"twice": {id}}
        forms = next(forms_of(message) for known, message in entries(lang) if known == id)
        assert wrong_with(id, forms, 3) == []
        assert wrong_with(id, forms[:-1], 3) and wrong_with(id, [*forms[:-1], ""], 3)
    assert differences(wanted | {"new"}, ids) == {"missing": {"new"}}


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        (Lang.RU, ("район", "района", "районов")),
        (Lang.UK, ("район", "райони", "районів")),
        (Lang.EN, ("district", "districts", "districts")),
    ],
)
def test_numbers_take_the_right_form(lang: Lang, words: tuple[str, str, str]) -> None:
    texts = load()[lang]
    slavic = {1: 0, 2: 1, 4: 1, 5: 2, 11: 2, 12: 2, 14: 2, 20: 2, 21: 0, 22: 1, 25: 2, 111: 2}
    for n, form in slavic.items():
        if lang is Lang.EN:
            form = 0 if n == 1 else 1
        assert texts.count("{n} district", "{n} districts", n) == f"{n} {words[form]}"


@pytest.mark.parametrize("lang", _TRANSLATED)
def test_no_string_is_fuzzy_obsolete_or_formatted_otherwise(lang: Lang) -> None:
    for domain, catalogue in catalogues(lang):
        assert not catalogue.fuzzy and not catalogue.obsolete, domain
        assert catalogue.num_plurals == 3, domain
    for id, message in entries(lang):
        assert not message.fuzzy, id
        assert wrong_with(id, forms_of(message), 3) == [], id


@pytest.mark.parametrize(
    ("id", "forms"),
    [
        ("Held: {n}", ["Задержано: {m}"]),
        ("Held: {n}", ["Задержано: {n:02}"]),
        ("Held: {n}", ["Задержано"]),
        ("Held: {n}", [""]),
        ("Send /start.", ["Отправьте /stop."]),
        ("One.\nTwo.", ["Раз. Два."]),
        ("Held ", ["Задержано"]),
        (("{n} day", "{n} days"), ["{n} день", "{n} дня"]),
        (("{n} day", "{n} days"), ["{n} день", "{n} дня", ""]),
        (("{n} day", "{n} days"), ["{n} день", "{n} дня", "дней"]),
    ],
)
def test_mistakes_are_seen(id: _Id, forms: list[str]) -> None:
    assert wrong_with(id, forms, 3)


def test_where_words_are_asked_for() -> None:
    code = """
a.say("one"); f"{a.say('two', x=1)}"; say(bot, "not this"); msg("three")
a.count("{n} x", "{n} xs", 3); "abc".count("a")
a.say("fo" "ur"); a.say(TABLE[x])
"""
    assert dict(given_in("a.say('{x} {y}', x=1); b.count('{n}', '{n} {z}', 2)")) == {
        "{x} {y}": {"x"},
        "{n}": {"n"},
        "{n} {z}": {"n"},
    }
    assert set(asked_in(code)) == {"one", "two", "three", "four", ("{n} x", "{n} xs")}

"""What survives the door, how words and sentences are cut, numbers in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.lexicon.numbers import number_at
from ingest.text import MAX_LENGTH, fold, read, sanitise


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("a\x00b", "ab"),
        ("a\r\nb\rc\td", "a\nb\nc d"),
        ("опас\u00adность", "опасность"),
        ("\u202eотбой\u202c", "отбой"),
        ("\ud800х", "х"),
        ("е" + "\u0301" * 40, "е\u0301\u0301"),
        ("х" * (MAX_LENGTH * 3), "х" * MAX_LENGTH),
        ("👩‍🚒 работают", "👩‍🚒 работают"),
    ],
)
def test_sanitise(text: str, clean: str) -> None:
    assert sanitise(text) == clean


@given(st.text())
def test_sanitised_text_can_be_stored_and_stays_so(text: str) -> None:
    clean = sanitise(text)
    clean.encode("utf-8")
    assert "\0" not in clean
    assert len(clean) <= MAX_LENGTH
    assert sanitise(clean) == clean


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Орёл", "орел"),
        ("Oпaсность", "опасность"),
        ("БПЛA", "бпла"),
        ("м’ята", "м'ята"),
        ("FPV", "fpv"),
        ("drone", "drone"),
    ],
)
def test_fold(written: str, folded: str) -> None:
    assert fold(written) == folded
    assert len(fold(written)) == len(written)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("Тревога в г. Белгороде. Укройтесь.", 2),
        ("В р-не н.п. Малин обл. снята осада", 1),
        ("Пострадали двое мужчин В Шебекине дрон ударил по дому", 2),
        ("Раз\nДва", 2),
        ("Курс на Суми ➡️ далі на Полтаву", 1),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(read(text).sentences) == count


def test_spans_point_into_the_post_through_what_is_invisible() -> None:
    text = "а\u00adб в\u200bг"
    reading = read(text)
    assert reading.words == ["аб", "вг"]
    first, second = reading.span(0, 1), reading.span(1, 2)
    assert (text[slice(*first)], text[slice(*second)]) == ("а\u00adб", "в\u200bг")


@given(st.text())
def test_every_text_can_be_read(text: str) -> None:
    reading = read(text)
    for index in range(len(reading.words)):
        start, end = reading.span(index, index + 1)
        assert 0 <= start < end <= len(text)


@pytest.mark.parametrize(
    ("words", "n"),
    [
        ("двадцать один", 21),
        ("тридцатью двумя", 32),
        ("сорока пяти", 45),
        ("двоих", 2),
        ("семеро", 7),
        ("сто сорок шесть", 146),
        ("1 204", 1204),
        ("п'ятеро", 5),
        ("оба", 2),
        ("девяносто одного", 91),
        ("тысяча двести", 1200),
        ("17", 17),
        ("пять шесть", 5),
    ],
)
def test_numbers(words: str, n: int) -> None:
    reading = read(words)
    parsed = number_at(reading.words, reading.gaps, 0, len(reading.words))
    assert parsed is not None
    assert parsed[0] == n


@pytest.mark.parametrize("word", ["07.20", "1,2", "20:15", "бпла", "десятки"])
def test_not_numbers(word: str) -> None:
    reading = read(word)
    assert number_at(reading.words, reading.gaps, 0, len(reading.words)) is None

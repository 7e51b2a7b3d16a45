"""What holds for every text."""

import re

from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.classify import language, to_json, urgency
from storage.model import AreaCode, Assessment, Kind, Silence, Urgency
from tests.unit.ingest.classified import areas, classifier, classify, post

FRAGMENTS = (
    "Отбой",
    "отбоя",
    "ждите",
    "опасности атаки БПЛА",
    "ракетной опасности",
    "сохраняется",
    "в",
    "Боровском",
    "Тарусском районах",
    "Калужской области",
    "не",
    "нет",
    "до сигнала",
    "уничтожены",
    "сбит",
    "7",
    "двадцать один",
    "беспилотник",
    "над",
    "пострадавших",
    "погиб мирный житель",
    ".",
    ",",
    "\n",
    "❗️",
    "кроме",
    "Москвы",
    "г. Обнинске",
    "відбій тривоги",
    "тривога",
    "триває",
    ":",
    "Хлуднёво",
    "повреждён дом",
    "отменена",
    "снята",
    "в случае",
    "аэропорт",
    "ограничения",
    "—",
)
POSITIVE = re.compile(
    r"отбой|відбій|отмен|скасов|відмін|снят|снима|сняли|знят|миновал|минул|завершен|all-clear|lifted"
)
HOMES = st.sampled_from((None, "RU-KLU", "RU", "UA-63", "UA"))
TEXTS = st.one_of(
    st.text(max_size=200),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join),
)


@settings(max_examples=300, deadline=None)
@given(TEXTS, HOMES)
def test_total_deterministic_and_in_shape(text: str, home: str | None) -> None:
    code = AreaCode(home) if home else None
    first = classifier().classify(post(text), code)
    assert classifier().classify(post(text), code) == first
    row = to_json("1", first, areas(), language(text))
    assert set(row) == {"id", "claims", "tier", "reason"}
    assert isinstance(urgency(first), Urgency)


@settings(max_examples=400, deadline=None)
@given(TEXTS, HOMES)
def test_an_all_clear_rests_on_a_positive_phrase(text: str, home: str | None) -> None:
    for claim in classify(text, home).claims:
        assert claim.evidence
        if claim.kind is Kind.ALL_CLEAR:
            said = " ".join(text[start:end] for start, end in claim.evidence).lower()
            assert POSITIVE.search(said.replace("ё", "е"))


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.sampled_from(("RU-KLU", "RU-BEL")))
def test_places_are_of_the_home_region_unless_the_text_names_others(text: str, home: str) -> None:
    foreign = "Москв" in text or "Обнинск" in text
    for claim in classify(text, home).claims:
        for code in (*claim.areas, *claim.excluded):
            assert areas().find(code) is not None
            if not foreign and "Калуж" not in text and "Боровск" not in text:
                assert areas().contains(home, code) or "Тарусск" in text


SAMPLES = (
    ("Отбой опасности атаки БПЛА в Боровском районе и г. Орёл", "RU-ORL"),
    ("Опасность атаки беспилотников сохраняется в Тарусском и Юхновском округах", "RU-KLU"),
    ("Силами ПВО сбиты ещё семь беспилотников. Пострадавших нет.", "RU-TUL"),
    ("Ракетная опасность отменена на всей территории области", "RU-SAM"),
)
LATIN = str.maketrans("асеорху", "aceopxy")


def meaning(assessment: Assessment) -> list[object]:
    return [
        (c.kind, c.hazard, c.areas, c.partial, c.weak, c.continues, c.count, c.casualties)
        for c in assessment.claims
    ]


@given(st.sampled_from(SAMPLES), st.integers(1, 6), st.integers(0, 40))
def test_disguises_change_nothing(sample: tuple[str, str], way: int, at: int) -> None:
    text, home = sample
    plain = meaning(classify(text, home))
    assert plain
    at %= len(text) - 1
    match way:
        case 1:
            other = text.replace("ё", "е").replace("Ё", "Е")
        case 2:
            words = text.split(" ")
            long = [i for i, word in enumerate(words) if len(word) > 6]
            chosen = long[at % len(long)]
            words[chosen] = (
                words[chosen][0] + words[chosen][1:-2].translate(LATIN) + words[chosen][-2:]
            )
            other = " ".join(words)
        case 3:
            other = text[:at] + "\u00ad" + text[at:]
        case 4:
            other = text.replace(" ", "  ")
        case 5:
            other = text.upper()
        case _:
            other = "\u200b" + text
    assert meaning(classifier().classify(post(other), AreaCode(home))) == plain


def test_what_is_not_the_channel_speaking_is_silent() -> None:
    text = "Отбой ракетной опасности"
    for other, reason in (
        (post(text, forwarded=True), Silence.FORWARDED),
        (post(text, service=True), Silence.SERVICE_MESSAGE),
        (post("  \n "), Silence.EMPTY),
    ):
        found = classifier().classify(other, AreaCode("RU-KLU"))
        assert found.silence is reason

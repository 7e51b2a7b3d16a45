"""What holds for every text. ``NABAT_EXAMPLES=100000 pytest …`` tries so many in each test."""

import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any, Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.classify import language, to_json, urgency
from ingest.text import read
from storage.model import AreaCode, Assessment, Claim, Hazard, Kind, Silence, Urgency
from tests.unit.ingest.classified import areas, classifier, classify, post

EXAMPLES: Final = int(os.environ.get("NABAT_EXAMPLES", "2000"))
many = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
OWN: Final[list[dict[str, Any]]] = [
    json.loads(line)
    for line in (Path(__file__).parents[2] / "corpus" / "posts.jsonl")
    .read_text("utf-8")
    .splitlines()
]

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


@many
@given(TEXTS, HOMES)
def test_total_deterministic_and_in_shape(text: str, home: str | None) -> None:
    code = AreaCode(home) if home else None
    first = classifier().classify(post(text), code)
    assert classifier().classify(post(text), code) == first
    row = to_json("1", first, areas(), language(text))
    assert set(row) == {"id", "claims", "tier", "reason"}
    assert isinstance(urgency(first), Urgency)
    for claim in first.claims:
        assert claim.evidence
        assert all(0 <= start < end <= len(text) for start, end in claim.evidence)


@many
@given(TEXTS, HOMES)
def test_an_all_clear_rests_on_a_positive_phrase(text: str, home: str | None) -> None:
    for claim in classify(text, home).claims:
        if claim.kind is Kind.ALL_CLEAR:
            said = " ".join(text[start:end] for start, end in claim.evidence).lower()
            assert POSITIVE.search(said.replace("ё", "е"))


NAMED: Final = {"RU-KLU": ("калужск", "боровск", "тарусск", "обнинск"), "RU-MOW": ("москв",)}
"""Regions that a word of the fragments may speak of."""


@many
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join), HOMES)
def test_places_are_of_the_home_region_or_of_one_that_is_named(
    text: str, home: str | None
) -> None:
    low = text.lower()
    spoken = {region for region, words in NAMED.items() if any(word in low for word in words)}
    for claim in classify(text, home).claims:
        for code in (*claim.areas, *claim.excluded):
            assert areas().find(code) is not None
            region = code.partition("/")[0]
            assert region in spoken or (home is not None and areas().contains(home, region))


LATIN = str.maketrans("асеорху", "aceopxy")


def latin(text: str) -> str:
    """Letters inside the long words by those of Latin that look like them."""
    return " ".join(
        word[0] + word[1:-2].translate(LATIN) + word[-2:]
        if len(word) > 6 and word.isalpha()
        else word
        for word in text.split(" ")
    )


WAYS: Final[dict[str, Callable[[str, int], str]]] = {
    "footer": lambda text, at: text + "\n\nПодписаться на канал | Прислать новость",
    "hashtag": lambda text, at: text + "\n\n#Новости #Главное",
    "telephone": lambda text, at: text + "\n\nЕдиный телефон 112",
    "emoji": lambda text, at: "❗️❗️ " + text + " 🙏",
    "spaces": lambda text, at: text.replace(" ", "  "),
    "yo": lambda text, at: text.replace("ё", "е").replace("Ё", "Е"),
    "latin": lambda text, at: latin(text),
    "soft hyphen": lambda text, at: text[: at % len(text)] + "\u00ad" + text[at % len(text) :],
    "zero width": lambda text, at: "\u200b" + text,
    "lost line breaks": lambda text, at: text.replace("\n", " "),
    "upper case": lambda text, at: text.upper(),
}


def meaning(assessment: Assessment) -> list[object]:
    """What is told at once. A held all-clear only has to stay one: in capitals every word may be
    a name, so fewer of its places are believed."""
    return [
        (c.kind, c.hazard, c.weak) if c.weak else replace(c, evidence=(), rule="", at=None)
        for c in assessment.claims
    ]


@cache
def alone(at: int) -> Assessment:
    return classify(OWN[at]["text"], OWN[at]["region"])


@many
@given(st.integers(0, len(OWN) - 1), st.sampled_from(sorted(WAYS)), st.integers(0, 4_000))
def test_disguises_change_nothing(which: int, way: str, at: int) -> None:
    row = OWN[which]
    other = WAYS[way](row["text"], at)
    assert meaning(classify(other, row["region"])) == meaning(alone(which))


SIGNALLED: Final = (Kind.THREAT, Kind.ALL_CLEAR, Kind.AIRSPACE_CLOSED, Kind.AIRSPACE_OPEN)
GOVERNING: Final = (Kind.DRILL, Kind.CORRECTION, Kind.INSTRUCTION, Kind.RECAP)
"""A heading of these kinds speaks for all that stands below it."""


def kept(claim: Claim, told: list[Claim]) -> bool:
    """Airports stand where the sentence before was, if they name no place."""
    return any(
        claim.kind is each.kind
        and claim.hazard is each.hazard
        and (claim.kind not in SIGNALLED[:2] or set(claim.areas) <= set(each.areas))
        for each in told
    )


@cache
def pairs() -> list[tuple[int, int]]:
    """Posts of one region's channel that claim something and govern nothing."""
    plain = [
        at
        for at, row in enumerate(OWN)
        if row["region"]
        and alone(at).claims
        and not {claim.kind for claim in alone(at).claims} & set(GOVERNING)
    ]
    return [
        (one, other)
        for one in plain
        for other in plain
        if one != other and OWN[one]["region"] == OWN[other]["region"]
    ]


@many
@given(st.integers(0, 10**6))
def test_two_posts_in_one_make_the_claims_of_both(which: int) -> None:
    """Not where one governs the rest: an exercise, a memo, a digest, an advert, a ceremony, a
    correction; nor held all-clears, which take their hazard from what stands around them; nor
    calls to take shelter, which are asked of a post without danger or its end only; nor a
    level's rise, whose danger is the one that the post names."""
    one, other = pairs()[which % len(pairs())]
    first, second = OWN[one], OWN[other]
    both = (alone(one), alone(other))
    told = [*classify(first["text"] + "\n\n" + second["text"], first["region"]).claims]
    for each in both:
        for claim in each.claims:
            if claim.rule.startswith(("shelter.", "threat.level-raised")):
                continue
            if claim.kind in SIGNALLED and not claim.weak and claim.hazard is not Hazard.FLOOD:
                assert kept(claim, told)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.sampled_from(FRAGMENTS), min_size=5, max_size=25).map(" ".join))
def test_work_grows_with_the_length(text: str) -> None:
    """Counted, not timed: words and sentences of n copies are n times those of one."""
    one, ten = read(text + ".\n"), read((text + ".\n") * 10)
    assert len(ten.words) == 10 * len(one.words)
    assert len(ten.sentences) <= 10 * (len(one.sentences) + 1)


def test_what_is_not_the_channel_speaking_is_silent() -> None:
    text = "Отбой ракетной опасности"
    for other, reason in (
        (post(text, forwarded=True), Silence.FORWARDED),
        (post(text, service=True), Silence.SERVICE_MESSAGE),
        (post("  \n "), Silence.EMPTY),
    ):
        found = classifier().classify(other, AreaCode("RU-KLU"))
        assert found.silence is reason

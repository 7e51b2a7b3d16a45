"""Doubtful danger is told at once and looked at by a person; what was wrong is corrected."""

import json
from pathlib import Path

import pytest

from bot import label
from storage import incidents, reports, reviews
from storage.database import Tx
from storage.reviews import State, Subject
from tests.e2e.stage import (
    ADMIN,
    ANNA,
    BORIS,
    BOROVSKY,
    BOROVSKY_DANGER,
    CLEAR,
    DANGER,
    MCHS,
    PEOPLE,
    START,
    VERA,
    ZHUKOVSKY,
    Follower,
    Stage,
    add_chat,
    all_areas,
    enrol,
    play,
)
from tests.e2e.test_stories_by_hand import DEPUTY, two

PERHAPS = "В Боровском районе возможно подтопление из-за прорыва плотины."
GLEB = 700104


async def _reviewed(stage: Stage, number: int = 1) -> State:
    found = await stage.nabat.database.read(lambda tx: reviews.get(tx, number))
    assert found is not None
    return found.state


async def test_doubtful_danger_is_told_at_once_and_confirmed_by_a_button(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        assert stage.sounds(ANNA) == stage.sounds(BORIS) == 1, "moderation delays nothing"
        assert "не подтверждено" in stage.shows(BORIS)
        card = stage.messages(ADMIN)[-1]
        assert "опасность под вопросом, уже разослана" in card.text
        assert "Почему спрашиваем: по его словам, только возможно" in card.text
        assert "возможно подтопление" in card.text and card.reply_markup
        await stage.presses("Подтвердить", ADMIN)
        await stage.passes(seconds=15)
        assert "не подтверждено" not in stage.shows(BORIS)
        assert stage.sounds(BORIS) == 1, "that it is sure is no news to wake anybody for"
        assert f"подтверждено · {ADMIN}" in stage.shows(ADMIN)
        assert await _reviewed(stage) is State.CONFIRMED
        await stage.says("/audit")
        assert "· confirm" in stage.shows(ADMIN)


async def test_danger_that_never_was_is_taken_back_from_those_who_were_told(
    tmp_path: Path,
) -> None:
    people = (*PEOPLE, Follower(id=GLEB, follows=(ZHUKOVSKY,)))
    async with play(tmp_path, people=people) as stage:
        await stage.posts(PERHAPS)
        await stage.passes(minutes=11)
        await stage.says("/reject 1 это о прошлом годе")
        await stage.passes(seconds=15)
        for chat in (ANNA, BORIS):
            assert stage.heard(chat)[-2:].count("sound") == 1
            said = stage.shows(chat)
            assert said.startswith("❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО"), said
            assert "Это не отбой" in said and "✅" not in said
            assert "неверно прочитав пост" in said
        assert stage.heard(GLEB) == stage.heard(VERA) == []
        (incident,) = await stage.nabat.database.read(
            lambda tx: incidents.of_region(tx, PEOPLE[0].follows[0], START)
        )
        assert incident.retracted_at is not None and incident.ending == "stale"
        log = len(stage.calls(ANNA))
        await stage.says("/reject 1")
        await stage.passes(minutes=1)
        assert len(stage.calls(ANNA)) == log, "it is said once"
        await stage.posts(DANGER)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ"), "the next danger counts as any other"


async def test_wrong_places_are_corrected(tmp_path: Path) -> None:
    people = (*PEOPLE, Follower(id=GLEB, follows=(ZHUKOVSKY,)))
    async with play(tmp_path, people=people) as stage:
        await stage.posts(PERHAPS)
        await stage.passes(minutes=11)
        await stage.says("/fix 1 Жуковский район, Атлантида")
        assert "таких мест нет: Атлантида" in stage.shows(ADMIN)
        assert await _reviewed(stage) is State.OPEN
        await stage.says("/fix 1 Жуковский район")
        await stage.passes(seconds=15)
        assert stage.shows(BORIS).startswith("❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО")
        assert stage.shows(GLEB).startswith("🟠 ОПАСНОСТЬ · наводнение · Жуковский район")
        assert "не подтверждено" not in stage.shows(GLEB)
        assert stage.shows(ANNA).startswith("🟠 ОПАСНОСТЬ")
        assert await _reviewed(stage) is State.CORRECTED


async def test_the_wrong_kind_is_corrected_by_buttons(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        await stage.passes(minutes=11)
        await stage.presses("Исправить вид", ADMIN)
        await stage.presses("пожар", ADMIN)
        await stage.passes(seconds=15)
        assert "пожар" in stage.shows(BORIS).splitlines()[0]
        assert "Исправление" in stage.shows(BORIS) and "наводнение" in stage.shows(BORIS)
        await stage.says("/held")
        assert stage.shows(ADMIN) == "Решений ничто не ждёт."


async def test_decisions_become_labels(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        await stage.posts(PERHAPS.replace("Боровском", "Жуковском"))
        await stage.says("/fix 1 Жуковский район")
        await stage.says("/reject 2")
        file = tmp_path / "labels.jsonl"
        assert await label.decided(stage.nabat.database, all_areas(), file) == 2
    fixed, wrong = [json.loads(line) for line in file.read_text("utf-8").splitlines()]
    assert fixed["text"] == PERHAPS and fixed["region"] == "RU-KLU"
    assert [claim["places"] for claim in fixed["claims"]] == [["Жуковский район"]]
    assert wrong["claims"] == []


async def test_an_incident_is_retracted_for_those_who_saw_it(tmp_path: Path) -> None:
    people = (*PEOPLE, Follower(id=GLEB, follows=(ZHUKOVSKY,)))
    async with play(tmp_path, people=people) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=11)
        await stage.says("/retract")
        assert "1 · Калужская область: БПЛА · Боровский район" in stage.shows(ADMIN)
        await stage.says("/retract 7")
        assert "отозвать нельзя" in stage.shows(ADMIN)
        await stage.says("/retract 1")
        assert "сообщили об опасности в этом регионе: 2" in stage.shows(ADMIN)
        assert stage.sounds(BORIS) == 1, "nothing is done before a button is pressed"
        question = stage.messages(ADMIN)[-1]
        await stage.presses("Источник отозвал", ADMIN)
        await stage.passes(seconds=15)
        for chat in (ANNA, BORIS):
            assert stage.shows(chat).startswith("❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО · БПЛА")
            assert "источник отозвал своё сообщение" in stage.shows(chat)
            assert stage.sounds(chat) == 2
        assert stage.heard(GLEB) == [], "only who saw it hears of it"
        assert stage.shows(ADMIN) == "Опасность №1 отозвана."
        assert question.reply_markup is not None
        data = question.reply_markup["inline_keyboard"][0][0]["callback_data"]
        stage.world.bot_api.press(ADMIN, question.message_id, data, user_id=ADMIN)
        await stage.says("/audit")
        assert stage.shows(ADMIN).count("retract") == 1, "the button works once"


async def test_nobody_alone_clears_a_region_by_correcting_an_all_clear(tmp_path: Path) -> None:
    """Neither by its code, nor by a name that is nearly another's; the places themselves may."""
    async with play(tmp_path) as stage:
        await stage.posts(DANGER)
        await stage.passes(minutes=5)
        await stage.posts("Отбой опасности атаки БПЛА в одном из районов области.")
        for places, answer in (
            ("RU-KLU", "нужны двое"),
            ("Калужская область", "нужны двое"),
            ("Калужский", "таких мест нет"),
        ):
            await stage.says(f"/fix 1 {places}")
            await stage.passes(seconds=15)
            assert answer in stage.shows(ADMIN), places
            assert await _reviewed(stage) is State.OPEN
        assert "✅" not in "".join(message.text for message in stage.messages(ANNA))
        await stage.says("/fix 1 Боровский район")
        await stage.passes(seconds=15)
        assert await _reviewed(stage) is State.CORRECTED


async def test_what_is_over_is_not_raised_anew_by_a_correction(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        await stage.passes(minutes=20)
        await stage.posts("Отбой угрозы подтопления в Боровском районе.")
        await stage.says("/release 2")
        await stage.passes(seconds=15)
        assert stage.shows(BORIS).startswith("✅")
        sounds = stage.sounds(BORIS)
        await stage.passes(minutes=60)
        await stage.says("/held 1")
        await stage.presses("Исправить вид", ADMIN)
        await stage.presses("пожар", ADMIN)
        await stage.passes(seconds=15)
        assert await _reviewed(stage) is State.CORRECTED
        assert stage.sounds(BORIS) == sounds


@pytest.mark.parametrize(
    ("button", "words"),
    [
        ("Учения", "Речь шла об учениях."),
        ("Уже сбито", "Речь шла об уже сбитом."),
        ("Уже случилось", "Речь шла об уже случившемся."),
        ("Отбой", ""),
        ("Не тревога", ""),
    ],
)
async def test_what_was_no_danger_is_taken_back_as_what_it_is(
    tmp_path: Path, button: str, words: str
) -> None:
    """A correction to who was told, and never an all-clear that nobody gave."""
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        await stage.passes(minutes=11)
        await stage.presses("Исправить вид", ADMIN)
        await stage.presses(button, ADMIN)
        await stage.passes(seconds=15)
        for chat in (ANNA, BORIS):
            told = [message.text for message in stage.messages(chat)]
            assert any("НАШЕ СООБЩЕНИЕ ОТОЗВАНО" in each for each in told), told
            assert any("Исправление" in each and words in each for each in told), told
            assert not any("✅" in each for each in told)
            assert stage.sounds(chat) == 2
        assert stage.heard(VERA) == []
        wrong = State.REJECTED if button == "Не тревога" else State.CORRECTED
        assert await _reviewed(stage) is wrong
        await stage.says("/held")
        assert stage.shows(ADMIN) == "Решений ничто не ждёт."


async def test_an_all_clear_found_in_a_danger_is_released_by_another_moderator(
    tmp_path: Path,
) -> None:
    async with two(tmp_path) as stage:
        await stage.posts(PERHAPS, MCHS)
        await stage.passes(minutes=1)
        await stage.posts(PERHAPS)
        await stage.passes(minutes=10)
        await stage.says("/held 1")
        await stage.presses("Исправить вид", ADMIN)
        await stage.presses("Отбой", ADMIN)
        await stage.passes(seconds=15)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ"), "another post says so too"
        await stage.says("/held")
        assert "отбой, задержан" in stage.shows(ADMIN)
        await stage.says("/release 3")
        assert "другой модератор" in stage.shows(ADMIN)
        assert stage.shows(BORIS).startswith("🟠 ОПАСНОСТЬ")
        await stage.says("/release 3", DEPUTY)
        await stage.passes(seconds=15)
        assert await _reviewed(stage, 3) is State.RELEASED


async def test_a_long_list_of_places_is_taken_or_answered(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)
        await stage.says("/fix 1 " + ", ".join(["Боровский район"] * 101))
        assert "Мест: 101, а за раз — до 100" in stage.shows(ADMIN)
        assert await _reviewed(stage) is State.OPEN
        districts = ["Боровский район"] * 60 + ["Жуковский район"]
        await stage.says("/fix 1 " + ", ".join(districts))
        found = await stage.nabat.database.read(lambda tx: reviews.get(tx, 1))
        assert found is not None and found.truth is not None
        assert set(found.truth.areas) == {BOROVSKY, ZHUKOVSKY}


async def test_what_waits_is_paged_the_most_urgent_first(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(PERHAPS)

        async def many(tx: Tx) -> None:
            known = await reviews.get(tx, 1)
            assert known is not None
            for ordinal in range(1, 24):
                kind = Subject.REPORT if ordinal % 2 else Subject.CLEAR
                at, why = stage.clock.now(), "test"
                await reviews.ask(
                    tx,
                    kind,
                    known.region,
                    known.claim,
                    known.source,
                    ordinal=ordinal,
                    why=why,
                    at=at,
                )

        await stage.nabat.database.write(many)
        await stage.becomes(_all_are_announced, idle=stage.nabat.pager.wake)
        await stage.settles()
        assert sum("#" in page[:2] for page in stage.pages()) == 24
        await stage.says("/held")
        first = stage.shows(ADMIN)
        assert "Ждут решения: 24" in first
        assert first.index("/held 1 ") < first.index("/held 3 ") < first.index("/held 5 ")
        assert "сообщение читателя" not in first
        await stage.presses("›", ADMIN)
        await stage.presses("›", ADMIN)
        assert "/held 24 " in stage.shows(ADMIN) and "/held 1 " not in stage.shows(ADMIN)


async def _all_are_announced(tx: Tx) -> bool:
    return not await reviews.unannounced(tx, ADMIN)


async def test_a_report_that_comes_after_the_decision_is_settled_by_it(tmp_path: Path) -> None:
    async with play(tmp_path) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=1)
        await stage.says("/report", BORIS)
        await stage.presses("Калужская область", BORIS)
        assert "передано модераторам" in stage.shows(BORIS)
        await stage.says("/confirm 1")
        await stage.says("/report", ANNA)
        await stage.presses("Калужская область", ANNA)
        assert "уже проверили эту тревогу: она верна" in stage.shows(ANNA)
        assert not await stage.nabat.database.read(reports.pending)
        await stage.says("/held")
        assert stage.shows(ADMIN) == "Решений ничто не ждёт."


async def test_what_is_over_is_taken_back_from_exactly_those_who_saw_it(tmp_path: Path) -> None:
    people = (*PEOPLE, Follower(id=GLEB, follows=(ZHUKOVSKY,)))
    async with play(tmp_path, people=people) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR)
        await stage.passes(hours=20)
        await stage.posts("Опасность атаки БПЛА в Жуковском районе.")
        await stage.passes(minutes=5)
        late = 700105
        add_chat(stage.world, Follower(id=late, follows=()))
        newcomer = Follower(id=late, follows=(BOROVSKY,))
        await stage.nabat.database.write(lambda tx: enrol(tx, [newcomer], stage.clock.now()))
        calls = {chat: len(stage.calls(chat)) for chat in (ANNA, BORIS, VERA, GLEB, late)}
        await stage.says("/retract")
        assert "Закончились за 7 дней" in stage.shows(ADMIN)
        assert "1 · Калужская область: БПЛА · Боровский район" in stage.shows(ADMIN)
        await stage.says("/retract 1")
        assert "сообщили об опасности в этом регионе: 2" in stage.shows(ADMIN)
        assert "карточки заново не открываются" in stage.shows(ADMIN)
        await stage.presses("Мы неверно прочли пост", ADMIN)
        assert stage.shows(ADMIN) == "Опасность №1 отозвана."
        await stage.becomes(_is_recalled)
        await stage.settles()
        fresh = {chat: stage.calls(chat)[n:] for chat, n in calls.items()}
        assert [chat for chat, new in fresh.items() if new] == [ANNA, BORIS]
        for chat in (ANNA, BORIS):
            (told,) = fresh[chat]
            assert "❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО · БПЛА" in (told.text or "")
            assert "Боровский район" in (told.text or "") and "ОПАСНОСТЬ" not in (told.text or "")
            assert "с 00:00 до 00:20" in (told.text or ""), "when it was"
            assert not told.silent, "it had sounded"
        first, second = (fresh[chat][0].text or "" for chat in (ANNA, BORIS))
        assert first.startswith("На 20:25 опасность действует (БПЛА: Жуковский район).")
        assert second.startswith("❗"), "nothing is in force where Boris lives"
        before_last = stage.messages(ANNA)[-2].text
        assert before_last.startswith("🟠 ОПАСНОСТЬ"), "what is in force stays as it is"
        await stage.says("/status", BORIS)
        assert "ОПАСНОСТЬ" not in stage.shows(BORIS)
        await stage.says("/retract 1")
        assert "отозвать нельзя" in stage.shows(ADMIN)
        assert len(stage.calls(ANNA)) == calls[ANNA] + 1, "once"


async def _is_recalled(tx: Tx) -> bool:
    row = await tx.one("SELECT count(*) AS n FROM recalls WHERE done = 1")
    return row is not None and bool(row["n"])


async def test_a_correction_of_what_is_over_ends_nothing_that_runs_there_now(
    tmp_path: Path,
) -> None:
    """The same hazard, the same place: its first words say that danger is in force."""
    async with play(tmp_path) as stage:
        await stage.posts(BOROVSKY_DANGER)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR)
        await stage.passes(hours=20)
        await stage.posts("Опасность атаки БПЛА в Боровском районе.")
        await stage.passes(minutes=5)
        await stage.says("/retract 1")
        await stage.presses("Мы неверно прочли пост", ADMIN)
        await stage.becomes(_is_recalled)
        await stage.settles()
        told = stage.messages(BORIS)[-1]
        lines = told.text.splitlines()
        assert lines[0] == (
            "На 20:25 опасность действует (БПЛА: Боровский район)."
            " Исправление ниже — только о прежних сообщениях."
        )
        assert lines[1].startswith("❗ НАШЕ СООБЩЕНИЕ ОТОЗВАНО")
        bold = [each for each in told.entities if each["type"] == "bold"]
        cut = told.text.encode("utf-16-le")
        start, end = bold[1]["offset"] * 2, (bold[1]["offset"] + bold[1]["length"]) * 2
        assert cut[start:end].decode("utf-16-le") == lines[1]

"""A chat asks to hear of neighbouring regions, and what it hears of them."""

from pathlib import Path

from storage import cards
from storage.model import ChatId, Wishes
from tests.e2e.stage import (
    BELGOROD,
    KURSK,
    KURSK_GOV,
    NEIGHBOUR,
    SOURCES,
    VERA,
    Follower,
    Stage,
    play,
)

GLEB, DINA = 700104, 700105
DANGER = "На территории Курской области объявлена опасность атаки БПЛА."
MISSILES = "Ракетная опасность на территории Курской области!"
MISSILES_OVER = "Отбой ракетной опасности на территории Курской области."
RYLSKY = "Опасность атаки БПЛА в Рыльском районе."
CLEAR_BUT = "Отбой опасности атаки БПЛА на территории Курской области, кроме Рыльского района."
CLEAR = "Отбой опасности атаки БПЛА на территории Курской области."
PEOPLE = (
    Follower(id=VERA, follows=(BELGOROD,)),
    Follower(id=GLEB, follows=(KURSK,)),
    Follower(id=DINA, follows=(BELGOROD,), wishes=Wishes(neighbours=True)),
)
_SWITCH = "И соседние регионы: тихо"


async def why(stage: Stage, chat: int, card: int) -> str:
    """What /why answers of a chat's newest card but so many."""
    found = await stage.nabat.database.read(lambda tx: cards.of_chat(tx, ChatId(chat)))
    await stage.says(f"/why {chat} {found[card].id}")
    return stage.pages()[-1]


async def test_a_night_next_door(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE, sources=tuple(SOURCES)) as stage:
        # A district's drones are the district's, and its region's.
        await stage.posts(RYLSKY, KURSK_GOV)
        assert stage.heard(GLEB) == ["sound"]
        assert stage.heard(DINA) == stage.heard(VERA) == []

        # The whole region: one silent message, after a tap on the switch.
        await stage.says("/places", VERA)
        await stage.presses(_SWITCH, VERA)
        assert "И соседние регионы, без звука" in stage.shows(VERA)
        menu = len(stage.messages(VERA))
        await stage.passes(minutes=5)
        await stage.posts(DANGER, KURSK_GOV)
        assert stage.heard(DINA) == ["silent"]
        assert stage.shows(VERA) == stage.shows(DINA)
        first, region, *_ = stage.shows(DINA).splitlines()
        assert first == "🟠 ОПАСНОСТЬ · БПЛА · Курская область. Будьте готовы."
        assert region == "Курская область, соседний регион"
        assert "Рыльский" not in stage.shows(DINA)

        # What is new of it comes by an edit, in its time.
        await stage.passes(minutes=5)
        await stage.posts(MISSILES, KURSK_GOV)
        assert "sound" in stage.heard(GLEB)[2:]
        assert stage.heard(DINA) == ["silent"]
        assert "paced" in await why(stage, DINA, 0)
        await stage.passes(minutes=9)
        assert stage.heard(DINA) == ["silent"]
        await stage.passes(minutes=1)
        assert stage.heard(DINA) == ["silent", "edit"]
        assert "ракеты" in stage.shows(DINA).splitlines()[0]

        # Of what is local, only the reason why it is not told.
        await stage.passes(minutes=20)
        shot = "Над Рыльским районом сбиты два беспилотника. Пострадавших нет."
        await stage.posts(shot, KURSK_GOV)
        assert stage.heard(DINA) == ["silent", "edit"]
        answer = await why(stage, DINA, 0)
        assert "соседний для: Белгородская область" in answer
        assert "Это касалось не всего соседнего региона и не ракет. (neighbour_local)" in answer

        # The own region sounds meanwhile, as ever.
        own = "На территории Белгородской области объявлена опасность атаки БПЛА."
        await stage.posts(own, NEIGHBOUR)
        assert stage.heard(DINA)[2:] == ["sound"]
        assert stage.heard(VERA)[-1] == "sound"

        # The end is silent, an edit of the one message.
        await stage.passes(minutes=20)
        await stage.posts(MISSILES_OVER, KURSK_GOV)
        await stage.passes(minutes=20)
        kursk = stage.messages(DINA)[0]
        assert kursk.text.startswith("🟠 ОПАСНОСТЬ · БПЛА · Курская область")
        await stage.posts(CLEAR, KURSK_GOV)
        await stage.passes(minutes=20)
        kursk, belgorod = stage.messages(DINA)
        assert kursk.text.startswith("✅ ОТБОЙ · БПЛА, ракеты · Курская область")
        assert belgorod.text.startswith("🟠 ОПАСНОСТЬ · БПЛА · Белгородская область")
        assert stage.sounds(DINA) == 1
        assert stage.messages(VERA)[menu].text == kursk.text
        assert "all_clear" in await why(stage, DINA, 1)


async def test_switched_off_the_card_stays_as_it_is(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE, sources=tuple(SOURCES)) as stage:
        await stage.posts(DANGER, KURSK_GOV)
        before = stage.shows(DINA)
        await stage.says("/places", DINA)
        await stage.presses(f"✓ {_SWITCH}", DINA)
        assert "И соседние регионы, без звука" not in stage.shows(DINA)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR, KURSK_GOV)
        await stage.passes(minutes=20)
        assert stage.messages(DINA)[0].text == before
        assert "unfollowed" in await why(stage, DINA, 0)


async def test_what_is_left_next_door_is_not_called_clear(tmp_path: Path) -> None:
    async with play(tmp_path, people=PEOPLE, sources=tuple(SOURCES)) as stage:
        await stage.posts(DANGER, KURSK_GOV)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR_BUT, KURSK_GOV)
        first, *_ = stage.shows(DINA).splitlines()
        assert first.startswith("🔵 ОПАСНОСТЬ ТОЛЬКО В ЧАСТИ РЕГИОНА · Курская область")
        assert "больше не обновляется" in stage.shows(DINA)
        assert "neighbour_rest" in await why(stage, DINA, 0)
        await stage.passes(minutes=20)
        await stage.posts(CLEAR, KURSK_GOV)
        await stage.passes(minutes=20)
        assert stage.shows(DINA).splitlines()[0] == first
        await stage.posts(DANGER, KURSK_GOV)
        assert stage.heard(DINA) == ["silent", "edit", "silent"]

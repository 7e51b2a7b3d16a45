"""Whole nights, from the posts to what each follower hears: sounds and silent messages with their
first lines (edits go on in between)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest

from bot.replay import WouldSend, replay
from ingest.archive import read_jsonl
from storage.areas.tree import load
from storage.model import AreaCode

START: Final = datetime(2026, 5, 3, 20, 0, tzinfo=UTC)

NIGHTS: Final = {
    # Two tiers: the district's alarm falls before the region's danger ends.
    "RU-VOR": (
        (0, "На территории Воронежской области объявлена опасность атаки БПЛА."),
        (40, "Тревога в связи с угрозой непосредственного удара БПЛА: Богучарский район."),
        (55, "Лискинский район — тревога в связи с угрозой непосредственного удара БПЛА."),
        (
            90,
            "Отмена тревоги в связи с угрозой непосредственного удара БПЛА в Богучарском районе."
            " Режим опасности атаки БПЛА сохраняется.",
        ),
        (
            150,
            "Отбой опасности атаки БПЛА на территории Воронежской области. Силами ПВО уничтожены"
            " не менее семи БПЛА. Пострадавших нет.",
        ),
    ),
    # Lists of districts: one digest an hour for the region's followers.
    "RU-BEL": (
        (0, "Опасность атаки БПЛА в Шебекинском и Грайворонском округах."),
        (15, "Опасность атаки БПЛА в Борисовском, Яковлевском и Ракитянском округах."),
        (80, "Опасность атаки БПЛА в Краснояружском и Волоконовском округах."),
        (
            95,
            "В Шебекинском округе дрон атаковал автомобиль. Пострадал мирный житель. Его"
            " доставили в больницу.",
        ),
        (120, "Отбой опасности атаки БПЛА в Грайворонском и Борисовском округах."),
        (180, "Отбой опасности атаки БПЛА на территории Белгородской области."),
    ),
    # Results without a declared danger: a report, no alarm, no all-clear.
    "RU-KLU": (
        (
            0,
            "Сегодня ночью силами ПВО сбиты 3 БПЛА над Боровским муниципальным округом. По"
            " предварительной информации, пострадавших и разрушений нет.",
        ),
        (50, "Силами ПВО сбиты ещё 4 БПЛА в Боровском и Малоярославецком округах."),
        (100, "В Боровском округе при падении обломков БПЛА пострадали два человека."),
        (500, "Сегодня в Калуге открыли новый сквер."),
    ),
    # The siren feed: an all-clear with a list of where it goes on.
    "UA-63": (
        (0, "🔴 Повітряна тривога в Ізюмському районі.\n#Ізюмський_район"),
        (20, "🔴 Повітряна тривога в Чугуївському районі.\n#Чугуївський_район"),
        (45, "🔴 Повітряна тривога в Харківська область\n#Харківська_область"),
        (
            100,
            "🟡 Відбій тривоги в Харківська область.\nЗверніть увагу, тривога ще триває у:\n"
            "- Ізюмський район\n#Харківська_область",
        ),
        (140, "🟢 Відбій тривоги в Ізюмському районі.\n#Ізюмський_район"),
    ),
}

HEARD: Final = {
    "RU-VOR": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Воронежская область. Отойдите от окон.",
        "150 sound ✅ ОТБОЙ · БПЛА · Воронежская область. Не трогайте обломки.",
    ),
    "RU-VOR/bogucharsky": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Богучарский район. Отойдите от окон.",
        "40 sound 🔴 ТРЕВОГА, уровень повышен · БПЛА · Богучарский район. В укрытие!",
        "90 silent 🟠 ОПАСНОСТЬ, уровень снижен · БПЛА · Богучарский район. Отойдите от окон.",
        "150 sound ✅ ОТБОЙ · БПЛА · Богучарский район. Не трогайте обломки.",
    ),
    "RU-VOR/liskinsky": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Лискинский район. Отойдите от окон.",
        "55 sound 🔴 ТРЕВОГА, уровень повышен · БПЛА · Лискинский район. В укрытие!",
        "150 sound ✅ ОТБОЙ · БПЛА · Лискинский район. Не трогайте обломки.",
    ),
    "RU-BEL": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Грайворонский район, Шебекинский район. Отойдите от окон.",
        "80 sound 🟠 ОПАСНОСТЬ, ещё 5 районов · БПЛА · Краснояружский район. Отойдите от окон.",
        "180 sound ✅ ОТБОЙ · БПЛА · Белгородская область. Не трогайте обломки.",
    ),
    "RU-BEL/shebekinsky": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Шебекинский район. Отойдите от окон.",
        "95 sound 🟠 ОПАСНОСТЬ, есть последствия · БПЛА · Шебекинский район. Отойдите от окон.",
        "180 sound ✅ ОТБОЙ · БПЛА · Шебекинский район. Не трогайте обломки.",
    ),
    "RU-BEL/grayvoronsky": (
        "0 sound 🟠 ОПАСНОСТЬ · БПЛА · Грайворонский район. Отойдите от окон.",
        "120 sound ✅ ОТБОЙ · БПЛА · Грайворонский район. Не трогайте обломки.",
    ),
    "RU-BEL/valuysky": (),
    "RU-KLU": ("0 sound 🔵 СООБЩЕНИЕ · БПЛА · Боровский район. Не трогайте обломки.",),
    "RU-KLU/borovsky": (
        "0 sound 🔵 СООБЩЕНИЕ · БПЛА · Боровский район. Не трогайте обломки.",
        "100 sound 🔵 СООБЩЕНИЕ, есть последствия · БПЛА · Боровский район. Не трогайте обломки.",
    ),
    "RU-KLU/tarussky": (),
    "UA-63": (
        "0 sound 🔴 ТРИВОГА · повітряна тривога · Ізюмський район. В укриття!",
        "45 sound 🔴 ТРИВОГА, тепер увесь регіон · повітряна тривога · Харківська…. В укриття!",
        "140 sound ✅ ВІДБІЙ · повітряна тривога · Харківська область. Не чіпайте уламків.",
    ),
    "UA-63/iziumskyi": (
        "0 sound 🔴 ТРИВОГА · повітряна тривога · Ізюмський район. В укриття!",
        "140 sound ✅ ВІДБІЙ · повітряна тривога · Ізюмський район. Не чіпайте уламків.",
    ),
    "UA-63/chuhuivskyi": (
        "20 sound 🔴 ТРИВОГА · повітряна тривога · Чугуївський район. В укриття!",
        "100 sound ✅ ВІДБІЙ · повітряна тривога · Чугуївський район. Не чіпайте уламків.",
    ),
}


def lines(region: str) -> Iterator[str]:
    for number, (minute, text) in enumerate(NIGHTS[region]):
        at = START + timedelta(minutes=minute)
        row = {"id": str(number), "text": text, "region": region, "channel": "gov"}
        yield json.dumps(row | {"date": at.isoformat()}, ensure_ascii=False)


@pytest.mark.parametrize("region", NIGHTS)
async def test_a_night(region: str) -> None:
    follows = [AreaCode(code) for code in HEARD if code.partition("/")[0] == region]
    heard: list[WouldSend] = []
    found = read_jsonl(list(lines(region)))
    await replay(found, areas=load(), follow=follows, would_send=heard.append)
    for follow in follows:
        mine = [each for each in heard if each.area == follow and each.lever != "edit"]
        told = tuple(
            f"{(each.at - START) // timedelta(minutes=1)} {each.lever} {each.text.splitlines()[0]}"
            for each in mine
        )
        assert told == HEARD[follow], follow

"""What somebody sees who lives somewhere: from /start through a night."""

from typing import Final

from bot.tour.script import (
    ANNA,
    BELGOROD,
    KALUGA,
    MINISTRY,
    OPERATOR,
    TULA,
    Posts,
    Presses,
    Runs,
    Says,
    Scene,
    Shares,
    minutes,
)

RESIDENTS: Final = (
    Scene(
        name="start",
        title="/start: язык и место",
        chat=ANNA,
        deeds=(Says(text="/start"),),
    ),
    Scene(
        name="locate",
        title="Место по геопозиции: точка не хранится",
        chat=ANNA,
        deeds=(
            Presses(words="📍"),
            Shares(latitude=55.1783, longitude=36.6513),
        ),
    ),
    Scene(
        name="choose",
        title="Место по названию, хоть и с опечаткой",
        chat=ANNA,
        deeds=(Says(text="боровскй"), Presses(words="Боровский")),
    ),
    Scene(
        name="districts",
        title="Районы по списку: отмечено и сказано словами",
        chat=ANNA,
        deeds=(
            Says(text="/places"),
            Presses(words="Добавить место"),
            Presses(words="Россия"),
            Presses(words="2 ›"),
            Presses(words="Калужская область"),
            Presses(words="Выбрать районы"),
        ),
    ),
    Scene(
        name="places",
        title="/places: за чем следит чат и как громко",
        chat=ANNA,
        deeds=(Says(text="/places"),),
    ),
    Scene(
        name="danger",
        title="Опасность объявлена: звук и карточка",
        chat=ANNA,
        deeds=(
            Posts(
                channel=KALUGA,
                text="Внимание! Опасность атаки БПЛА в Боровском и Жуковском округах.",
            ),
        ),
    ),
    Scene(
        name="live",
        title="Карточка живёт: новости меняют её без звука",
        chat=ANNA,
        deeds=(
            minutes(25),
            Posts(
                channel=KALUGA,
                text="Над Боровским округом сбиты 2 беспилотника. По предварительной информации, "
                "пострадавших нет.",
            ),
            minutes(1),
        ),
    ),
    Scene(
        name="details",
        title="«Подробнее»: кто, что и когда сказал",
        chat=ANNA,
        deeds=(Presses(words="Подробнее"),),
    ),
    Scene(
        name="silenced",
        title="Звук отключён оператором: видно почему",
        chat=ANNA,
        deeds=(
            Says(text="/silence RU-KLU uav 30m повторы одного поста", chat=OPERATOR),
            minutes(1),
            Runs(chore="silences"),
        ),
    ),
    Scene(
        name="status",
        title="/status: что действует сейчас",
        chat=ANNA,
        deeds=(
            Posts(
                channel=TULA,
                text="На территории Тульской области объявлена опасность атаки БПЛА.",
            ),
            Posts(
                channel=BELGOROD,
                text="РАКЕТНАЯ ОПАСНОСТЬ на территории Белгородской области!",
            ),
            Says(text="/status"),
        ),
    ),
    Scene(
        name="map",
        title="/map: то же картой, вместе с соседями",
        chat=ANNA,
        deeds=(Presses(words="Карта"),),
    ),
    Scene(
        name="snooze",
        title="/snooze: тише на время, само кончается",
        chat=ANNA,
        deeds=(Says(text="/snooze"), Presses(words="30 мин")),
    ),
    Scene(
        name="clear",
        title="Отбой: только его официальными словами",
        chat=ANNA,
        deeds=(
            minutes(70),
            Posts(
                channel=KALUGA,
                text="Отбой опасности атаки БПЛА на территории Калужской области.",
            ),
        ),
    ),
    Scene(
        name="quiet",
        title="/status в тихий час: «не объявляли» — не отбой",
        chat=ANNA,
        deeds=(minutes(30), Says(text="/status")),
    ),
    Scene(
        name="history",
        title="/history и /stats: последние дни своих мест",
        chat=ANNA,
        deeds=(Says(text="/history"), Says(text="/stats")),
    ),
    Scene(
        name="sources",
        title="/sources: кого читает бот и слышен ли канал",
        chat=ANNA,
        deeds=(
            Runs(chore="reconcile"),
            Says(text="/channel_mute @ministry_tour 2h повторяет старые посты", chat=OPERATOR),
            Says(text="/sources"),
            Says(text="/channel_unmute @ministry_tour", chat=OPERATOR),
        ),
    ),
    Scene(
        name="report",
        title="/report: оповещение было неверным",
        chat=ANNA,
        deeds=(
            Says(text="/report"),
            Presses(words="Калужская область"),
            Says(text="/report тревога была в другом районе"),
        ),
    ),
    Scene(
        name="settings",
        title="/settings: виды сообщений, язык",
        chat=ANNA,
        deeds=(Says(text="/settings"), Presses(words="Учения")),
    ),
    Scene(
        name="hours",
        title="Тихие часы: кнопками или словами",
        chat=ANNA,
        deeds=(
            Presses(words="Тихие часы"),
            Presses(words="Включить"),
            Presses(words="до 06:00"),
        ),
    ),
    Scene(
        name="digest-hour",
        title="Утренняя сводка: час выбирает чат",
        chat=ANNA,
        deeds=(Presses(words="« Настройки"), Presses(words="Час сводки"), Presses(words="06:00")),
    ),
    Scene(
        name="digest",
        title="Итог ночи: цифры каждого источника отдельно",
        chat=ANNA,
        deeds=(
            minutes(240),
            Posts(
                channel=KALUGA,
                text="За минувшую ночь над Калужской областью силами ПВО сбито 3 беспилотника.",
            ),
            Posts(
                channel=MINISTRY,
                text="В течение прошедшей ночи дежурными средствами ПВО уничтожены 24 беспилотных "
                "летательных аппарата: 20 над территорией Белгородской области, 4 над "
                "территорией Калужской области.",
            ),
            minutes(20),
            Runs(chore="digest"),
        ),
    ),
    Scene(
        name="test",
        title="/test: дойдёт ли тревога до этого чата",
        chat=ANNA,
        deeds=(minutes(1), Says(text="/test")),
    ),
    Scene(
        name="privacy",
        title="/privacy и /forget: что хранится и как удалить",
        chat=ANNA,
        deeds=(Says(text="/privacy"), Says(text="/forget")),
    ),
    Scene(
        name="help",
        title="/help: что это и что читает",
        chat=ANNA,
        deeds=(Says(text="/help"),),
    ),
    Scene(
        name="mistake",
        title="Опечатка: одна строка и что делать дальше",
        chat=ANNA,
        deeds=(Says(text="Атлантида"), Says(text="/settings 23-7 Нарния")),
    ),
)

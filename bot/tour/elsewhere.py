"""In Ukrainian, in groups and channels, and what operators see."""

from typing import Final

from bot.tour.script import (
    ANNA,
    KALUGA,
    KHARKIV,
    OLENA,
    OPERATOR,
    RIVER,
    YARD,
    Appoints,
    Posts,
    Presses,
    Says,
    Scene,
)

ELSEWHERE: Final = (
    Scene(
        name="ukrainian",
        title="Українською, з іншого боку кордону",
        chat=OLENA,
        deeds=(
            Says(text="/start"),
            Says(text="Харківська область"),
            Presses(words="Харківська область"),
            Posts(
                channel=KHARKIV,
                text="Оголошено повітряну тривогу в Харківській області!",
            ),
        ),
    ),
    Scene(
        name="ukrainian-status",
        title="/status українською",
        chat=OLENA,
        deeds=(Says(text="/status"),),
    ),
    Scene(
        name="ukrainian-map",
        title="/map українською",
        chat=OLENA,
        deeds=(Says(text="/map"),),
    ),
    Scene(
        name="ukrainian-settings",
        title="Налаштування українською",
        chat=OLENA,
        deeds=(Says(text="/settings"),),
    ),
    Scene(
        name="group",
        title="Группа: места выбирают администраторы",
        chat=YARD,
        deeds=(Says(text="/start"), Says(text="/start Калуга"), Presses(words="Калуга")),
    ),
    Scene(
        name="group-settings",
        title="Настройки группы: для администраторов",
        chat=YARD,
        deeds=(Says(text="/settings"),),
    ),
    Scene(
        name="channel",
        title="Канал настраивают в личном чате",
        chat=ANNA,
        deeds=(Appoints(channel=RIVER), Presses(words="Россия")),
    ),
    Scene(
        name="moderation",
        title="Сомнительное разослано сразу, решает дежурный",
        chat=OPERATOR,
        deeds=(
            Posts(
                channel=KALUGA,
                text="В Боровском районе возможно подтопление из-за прорыва плотины.",
            ),
        ),
    ),
    Scene(
        name="moderated",
        title="Решение дежурного: кнопкой",
        chat=OPERATOR,
        deeds=(Presses(words="Подтвердить"),),
    ),
    Scene(
        name="compose",
        title="/compose: тревога вручную, сначала показ",
        chat=OPERATOR,
        deeds=(
            Says(text="/compose alert\nRU-SMO\nuav\nЗамечены беспилотники, не выходите из домов."),
        ),
    ),
    Scene(
        name="admin",
        title="/admin: всё с одного взгляда",
        chat=OPERATOR,
        deeds=(
            Says(text="/silence RU-TUL uav 2h учения сирен"),
            Says(text="/admin"),
        ),
    ),
    Scene(
        name="stop",
        title="/stop: только по желанию самого чата",
        chat=ANNA,
        deeds=(Says(text="/stop"),),
    ),
)

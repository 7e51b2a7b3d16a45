"""Which bot serves which region: each one, and no two."""

from bot.app.bots import shares
from bot.settings import BotSection
from storage.areas.tree import load
from storage.model import EVERYTHING, AreaCode

AREAS = load()


def bot(*regions: str) -> BotSection:
    token = "123456789:AAHk3xV9-pQzzTnA_w0mB1cD2eF3gH4iJ5k"
    return BotSection.model_validate({"token": token, "regions": regions})


def test_one_bot_serves_everything() -> None:
    assert shares([bot()], AREAS) == [EVERYTHING]


def test_every_region_is_served_once_by_some_bot() -> None:
    found = shares([bot("UA"), bot("RU-BEL", "RU-KRS"), bot()], AREAS)
    for region in AREAS.regions():
        assert sum(share.serves(region.code) for share in found) == 1, region.code
    assert [share.serves(AreaCode("RU-KLU")) for share in found] == [False, False, True]


def test_where_all_name_regions_the_rest_is_nobodys() -> None:
    found = shares([bot("RU-BEL"), bot("RU-KRS")], AREAS)
    assert not any(share.serves(AreaCode("RU-KLU")) for share in found)

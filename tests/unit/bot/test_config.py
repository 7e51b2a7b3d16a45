"""A wrong configuration is one line that names the key and the cure, and tells no secret."""

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from bot.config import ConfigError, load
from bot.roles import Role
from bot.settings import Settings
from storage.areas import tree

TOKEN: Final = "123456789:AAHk3xV9-pQzzTnA_w0mB1cD2eF3gH4iJ5k"
SECOND: Final = "987654321:BBHk3xV9-pQzzTnA_w0mB1cD2eF3gH4iJ5k"
API_HASH: Final = "0123456789abcdef0123456789abcdef"
PAGER: Final = "https://pager.example.org/key-of-ours"
AREAS: Final = tree.load()
EXAMPLE: Final = Path(__file__).parents[3] / "config.example.toml"

GOOD: Final = f"""
[reader]
api_id = 12345
api_hash = "{API_HASH}"
[[bots]]
token = "{TOKEN}"
[admins]
ids = [111]
page_url = "{PAGER}"
[[channels]]
username = "mchs_kaluga"
region = "RU-KLU"
"""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


def complaint(path: Path, environ: Mapping[str, str] | None = None) -> str:
    with pytest.raises(ConfigError) as caught:
        load(path, environ or {}, AREAS)
    # Nothing of pydantic's, whose errors hold the input, goes along into a traceback.
    assert caught.value.__cause__ is None
    line = str(caught.value)
    assert "\n" not in line
    for secret in (TOKEN, TOKEN.partition(":")[2], API_HASH, PAGER):
        assert secret not in line
    return line.removeprefix(f"{path}: ")


CHANNEL: Final = '[[channels]]\nusername = "{}"\nregion = "{}"\n'
_KLU: Final = '"RU-KLU"\n'

# what is replaced in the good one, by what, and what the line must say
WRONG: Final = (
    ("api_id = 12345", "", r"\[reader\] api_id is missing: .*my\.telegram\.org.*NABAT_API_ID"),
    (f'api_hash = "{API_HASH}"', "", r"\[reader\] api_hash is missing: .*NABAT_API_HASH"),
    ("api_id = 12345", 'api_id = "many"', r"\[reader\] api_id must be a whole number"),
    ("api_id = 12345", "api_id = -1", r"\[reader\] api_id must be more than 0"),
    ("api_hash", "api_hsh", r"\[reader\] api_hsh is not known: did you mean api_hash\?"),
    (API_HASH, API_HASH[:-1], r"\[reader\] api_hash must be 32 hexadecimal digits: copy it"),
    (f'"{API_HASH}"', "77", r"\[reader\] api_hash must be text in quotes"),
    ("[reader]", "[raeder]", r"\[raeder\] is not known: did you mean reader\?"),
    ("[reader]", "reader = 5\n[x]", r"\[x\] is not known: the known ones are reader, bots"),
    ("[reader]\n", "[reader]\npoll_interval = 0\n", r"\[reader\] poll_interval must be more"),
    ("[reader]\n", "[reader]\nserver = 'x'\n", r'\[reader\] server must be "HOST:PORT"'),
    ("[reader]\n", "[reader]\nsession = 'a.db'\n", r'\[reader\] session must end in "\.session"'),
    (f'token = "{TOKEN}"', "", r"\[\[bots\]\] no\. 1: token is missing: take it from @BotFather"),
    (TOKEN, TOKEN[:20], r"\[\[bots\]\] no\. 1: token does not look like .*BotFather"),
    (f'"{TOKEN}"', TOKEN, r"is not TOML: .*line 6.*quotes"),
    ("[[bots]]\n", "[[bots]]\nregions = ['RU-XXX']\n", r"\[\[bots\]\] no\. 1: regions 'RU-XXX'"),
    ("[[bots]]", "[bots]", r"\[\[bots\]\] must stand in double brackets"),
    ("ids = [111]", "ids = []", r"\[admins\] ids is empty: .*numeric Telegram id"),
    ("ids = [111]", "", r"\[admins\] ids is missing: .*numeric Telegram id"),
    ("ids = [111]", "ids = 111", r"\[admins\] ids must be a list in square brackets"),
    ("ids = [111]", 'ids = ["anna"]', r"\[admins\] ids, item 1 must be a whole number"),
    ("ids = [111]", "ids = [111, 0]", r"\[admins\] ids, item 2 must be more than 0"),
    ("https://pager", "http://pager", r'\[admins\] page_url must begin with "https://"'),
    ("RU-KLU", "RU-KLG", r"\[\[channels\]\] no\. 1: region 'RU-KLG' .*did you mean RU-KL"),
    ("RU-KLU", "Калужская обл", r"\[\[channels\]\] no\. 1: region .*did you mean RU-KLU\?"),
    ("RU-KLU", "RU-KLU/borovsky", r"\[\[channels\]\] no\. 1: region .*did you mean RU-KLU\?"),
    ("RU-KLU", "ZZ", r"\[\[channels\]\] no\. 1: region 'ZZ' is not the code .*`nabat areas`"),
    ("mchs_kaluga", "мчс", r"\[\[channels\]\] no\. 1: username must be the channel's public name"),
    (_KLU, _KLU + "declares = 'so'\n", r"\[\[channels\]\] no\. 1: declares must be true or false"),
    (
        _KLU,
        _KLU + CHANNEL.format("@MCHS_Kaluga", "RU-KLU"),
        r"\[\[channels\]\] no\. 2: username MCHS_Kaluga is no\. 1 already: remove one",
    ),
    ("[admins]", f"[[bots]]\ntoken = '{TOKEN}'\n[admins]", r"\[\[bots\]\] no\. 2: token .*remove"),
    (
        "[admins]",
        f"[[bots]]\ntoken = '{SECOND}'\n[admins]",
        r"\[\[bots\]\] no\. 2: no\. 1 names no regions either",
    ),
    (
        f'token = "{TOKEN}"',
        f"token = '{TOKEN}'\nregions = ['RU']\n[[bots]]\ntoken = '{SECOND}'\nregions = ['RU-KLU']",
        r"\[\[bots\]\] no\. 2: regions: RU-KLU is served by no\. 1 already",
    ),
    (_KLU, _KLU + "[logging]\nlevel = 'loud'\n", r"\[logging\] level must be 'debug', 'info'"),
    (_KLU, _KLU + "[storage]\nkeep_posts_days = 0\n", r"\[storage\] keep_posts_days must be at"),
    (_KLU, _KLU + "[bot_api]\nbase_url = 'x'\n", r"\[bot_api\] base_url must be an address like"),
    # a secret in a wrong place
    ("[reader]", f'[reader]\n"{TOKEN}" = 1', r"\[reader\] <token> is not known"),
    ("RU-KLU", API_HASH, r"\[\[channels\]\] no\. 1: region '<hash>' is not the code"),
)


@pytest.mark.parametrize(("before", "after", "expected"), WRONG)
def test_wrong_file(tmp_path: Path, before: str, after: str, expected: str) -> None:
    assert before in GOOD
    line = complaint(written(tmp_path, GOOD.replace(before, after, 1)))
    assert re.match(expected, line), line


def test_no_file(tmp_path: Path) -> None:
    line = complaint(tmp_path / "config.toml")
    assert line == "there is no such file: copy config.example.toml there and fill it in"


def test_not_a_file(tmp_path: Path) -> None:
    assert complaint(tmp_path).startswith("cannot be read (Is a directory)")


def test_wrong_encoding(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes("# Калуга".encode("cp1251"))
    assert complaint(path) == "is not UTF-8 text: save it in that encoding"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_secrets_that_others_may_read(tmp_path: Path, mode: int) -> None:
    line = complaint(written(tmp_path, GOOD, mode))
    assert f"(mode {mode:04o}): chmod 600 " in line
    assert "NABAT_BOT_TOKEN" in line


def test_several_problems_are_counted(tmp_path: Path) -> None:
    line = complaint(written(tmp_path, GOOD.replace("[111]", "[-1]").replace("= 12345", "= 0")))
    assert line == "[reader] api_id must be more than 0 (and 1 more to mend)"


SECRETS: Final = {
    "NABAT_API_ID": "12345",
    "NABAT_API_HASH": API_HASH,
    "NABAT_BOT_TOKEN": TOKEN,
    "PATH": "/bin",
}


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        ({"NABAT_API_HASH": "short"}, "NABAT_API_HASH must be 32 hexadecimal digits"),
        ({"NABAT_API_ID": "x"}, "NABAT_API_ID must be a whole number"),
        ({"NABAT_BOT_TOKEN": "123:x"}, "NABAT_BOT_TOKEN does not look like a bot's token"),
        ({"NABAT_LOGGING__LEVEL": "x"}, "NABAT_LOGGING__LEVEL must be 'debug'"),
        ({"NABAT_ADMINS__IDS": "111,"}, "NABAT_ADMINS__IDS must be a list"),
        ({"NABAT_STORE__PATH": "x"}, "NABAT_STORE__PATH sets no key"),
        ({"NABAT_BOTS__0__TOKEN": TOKEN}, "NABAT_BOTS__0__TOKEN sets no key: .*NABAT_BOT_TOKEN"),
    ],
)
def test_wrong_variable(tmp_path: Path, changed: Mapping[str, str], expected: str) -> None:
    path = written(tmp_path, "[admins]\nids = [111]\n", 0o644)
    assert re.match(expected, complaint(path, {**SECRETS, **changed}))


def test_good_file(tmp_path: Path) -> None:
    settings = load(written(tmp_path, GOOD), {}, AREAS)
    assert settings.bots[0].token.get_secret_value() == TOKEN
    assert settings.channels[0].declares
    assert settings.reader.session == tmp_path / "data/reader.session"
    for secret in (TOKEN, API_HASH, PAGER):
        assert secret not in repr(settings)


def test_environment_wins_and_empty_variables_are_none(tmp_path: Path) -> None:
    other = TOKEN.replace("123456789", "987654321")
    environ = {
        "NABAT_BOT_TOKEN": other,
        "NABAT_STORAGE__PATH": "/var/lib/nabat.db",
        "NABAT_API_HASH": "",
        "NABAT_ADMINS__IDS": "[5, 6]",
    }
    settings = load(written(tmp_path, GOOD), environ, AREAS)
    assert settings.bots[0].token.get_secret_value() == other
    assert settings.storage.path == Path("/var/lib/nabat.db")
    assert settings.reader.api_hash.get_secret_value() == API_HASH
    assert settings.admins.ids == (5, 6)


def test_roles(tmp_path: Path) -> None:
    lists = "ids = [111]\noperators = [222, 111]\nviewers = [333, 222]"
    settings = load(written(tmp_path, GOOD.replace("ids = [111]", lists)), {}, AREAS)
    assert settings.admins.roles == {111: Role.OWNER, 222: Role.OPERATOR, 333: Role.VIEWER}


def test_own_environment_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NABAT_LOGGING__LEVEL", "debug")
    monkeypatch.setenv("NABAT_LOGGING", '{"level": "debug"}')
    assert load(written(tmp_path, GOOD), {}, AREAS).logging.level == "info"


def test_a_country_speaks_but_does_not_declare(tmp_path: Path) -> None:
    text = GOOD + CHANNEL.format("https://t.me/mod_russia", "RU")
    country = load(written(tmp_path, text), {}, AREAS).channels[1]
    assert (country.username, country.declares) == ("mod_russia", False)
    asked = load(written(tmp_path, text + "declares = true\n"), {}, AREAS).channels[1]
    assert asked.declares


def test_example_has_every_key_with_its_default(tmp_path: Path) -> None:
    text = EXAMPLE.read_text("utf-8")
    settings = load(written(tmp_path, text, 0o644), SECRETS, AREAS)
    bare = load(written(tmp_path, "[admins]\nids = [123456789]\n", 0o644), SECRETS, AREAS)
    assert settings.model_copy(update={"channels": ()}) == bare

    # With its comments taken off, it sets everything there is to set.
    whole = tomllib.loads(re.sub(r"(?m)^# (?=\w+ = )", "", text))
    dumped = settings.model_dump()
    assert {name: _keys(value) for name, value in whole.items()} == {
        name: _keys(dumped[name]) for name in Settings.model_fields
    }


def _keys(section: object) -> set[str]:
    first = section[0] if isinstance(section, (list, tuple)) else section
    assert isinstance(first, dict)
    return set(first)

"""TOML and environment to frozen settings; or one line that names the key and the cure.

Every key is in ``config.example.toml``. The environment wins over the file: any plain key as
``NABAT_<SECTION>__<KEY>``, and the secrets by the shorter names in ``SHORT_NAMES``.
"""

import difflib
import os
import stat
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from bot.config_lines import lines, mask_secrets
from bot.settings import Settings
from storage.areas.tree import Area, Areas, Tier
from storage.model import AreaCode

SHORT_NAMES: Final = {
    "NABAT_API_ID": "NABAT_READER__API_ID",
    "NABAT_API_HASH": "NABAT_READER__API_HASH",
    "NABAT_PAGE_URL": "NABAT_ADMINS__PAGE_URL",
}
BOT_TOKEN: Final = "NABAT_BOT_TOKEN"
"""The token of the first bot. More bots than one are told apart in the file only."""


class ConfigError(Exception):
    """One line for the operator: which key, what is wrong, what to do. Holds no secret."""


class _Environment(EnvSettingsSource):
    """The variables that it is given, in place of the process's own."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._given = environ
        super().__init__(Settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._given.items() if value}


def load(path: Path, environ: Mapping[str, str], areas: Areas) -> Settings:
    """Raises ConfigError for the first problem, with the number of the others."""
    tables = _read(path)
    variables = _variables(environ)
    problems = [*_exposed(path, tables), *_homeless(variables)]
    settings = None
    try:
        settings = Settings(**_merged(tables, variables))
    except ValidationError as error:
        problems += lines(error, path, {name: typed for name, (typed, _) in variables.items()})
    if settings is not None:
        problems += (f"{path}: {problem}" for problem in _misplaced(settings, areas))
    if problems or settings is None:
        more = f" (and {len(problems) - 1} more to mend)" if len(problems) > 1 else ""
        raise ConfigError(mask_secrets(problems[0]) + more)
    return _anchored(settings, path.absolute().parent)


_Variables = Mapping[str, tuple[str, str]]
"""By the full name (``NABAT_READER__API_ID``): the name that was used, and the value."""


def _variables(environ: Mapping[str, str]) -> _Variables:
    given = {name: value for name, value in environ.items() if value}
    plain = {name: (name, value) for name, value in given.items() if name.startswith("NABAT_")}
    short = {full: (name, given[name]) for name, full in SHORT_NAMES.items() if name in given}
    return plain | short


def _homeless(variables: _Variables) -> Iterator[str]:
    """Variables that look like a key of ours and set none."""
    sections = [name for name in Settings.model_fields if name not in ("bots", "channels")]
    for name in variables:
        section, within, _ = name.removeprefix("NABAT_").lower().partition("__")
        if within and section not in sections:
            yield (
                f"{name} sets no key: the environment can set keys of {', '.join(sections)}, "
                f"and the first bot's token as {BOT_TOKEN}"
            )


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        problem = "there is no such file: copy config.example.toml there and fill it in"
    except OSError as error:
        problem = f"cannot be read ({error.strerror}): give the user that runs nabat access to it"
    except UnicodeDecodeError:
        problem = "is not UTF-8 text: save it in that encoding"
    except tomllib.TOMLDecodeError as error:
        problem = f"is not TOML: {error}: texts stand in quotes, each key on a line of its own"
    raise ConfigError(mask_secrets(f"{path}: {problem}")) from None


def _merged(tables: dict[str, Any], variables: _Variables) -> dict[str, Any]:
    """One tree of both. A section without keys stands for a missing one, so that the complaint
    is about the key to fill in. Raises ConfigError for a list that cannot be read."""
    merged = {"reader": {}, "admins": {}, "bots": [{}]} | tables
    keyed = {name: value for name, (_, value) in variables.items() if "__" in name}
    try:
        from_environment = _Environment(keyed)()
    except SettingsError:
        raise ConfigError('NABAT_ADMINS__IDS must be a list, like "[123456789]"') from None
    for section, keys in from_environment.items():
        if isinstance(present := merged.get(section, {}), dict):
            merged[section] = present | keys
    bots = merged["bots"]
    if BOT_TOKEN in variables and isinstance(bots, list):
        first = bots[0] if bots and isinstance(bots[0], dict) else {}
        merged["bots"] = [first | {"token": variables[BOT_TOKEN][1]}, *bots[1:]]
    return merged


def _exposed(path: Path, tables: Mapping[str, Any]) -> Iterator[str]:
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077 and set(_keys(tables)) & _SECRET_KEYS:
        yield (
            f"{path}: it holds secrets and others may read it (mode {mode:04o}): "
            f"chmod 600 {path}, or keep them in the environment ({BOT_TOKEN}, NABAT_API_HASH)"
        )


_SECRET_KEYS: Final = frozenset({"token", "api_hash", "page_url"})


def _keys(tree: object) -> Iterator[str]:
    if isinstance(tree, dict):
        yield from tree
        tree = list(tree.values())
    if isinstance(tree, list):
        for value in tree:
            yield from _keys(value)


def _misplaced(settings: Settings, areas: Areas) -> Iterator[str]:
    """Regions that nobody knows, channels and bots given twice."""
    for number, bot in enumerate(settings.bots, 1):
        for code in bot.regions:
            yield from _unknown(f"[[bots]] no. {number}: regions", code, areas)
    seen: dict[str, int] = {}
    for number, channel in enumerate(settings.channels, 1):
        yield from _unknown(f"[[channels]] no. {number}: region", channel.region, areas)
        first = seen.setdefault(channel.username.lower(), number)
        if first != number:
            yield (
                f"[[channels]] no. {number}: username {channel.username} is no. {first} already: "
                "remove one of the two"
            )
    tokens = [bot.token.get_secret_value() for bot in settings.bots]
    for number, token in enumerate(tokens):
        if (first := tokens.index(token)) != number:
            yield f"[[bots]] no. {number + 1}: token is that of no. {first + 1}: remove one bot"
    yield from _shared(settings, areas)


def _shared(settings: Settings, areas: Areas) -> Iterator[str]:
    """Of several bots each serves regions of its own; one may name none and serve the rest."""
    if len(settings.bots) == 1:
        return
    first: dict[str, int] = {}
    rest: int | None = None
    for number, bot in enumerate(settings.bots, 1):
        if not bot.regions and rest is not None:
            yield (
                f"[[bots]] no. {number}: no. {rest} names no regions either, and serves all that "
                "the others leave: name the regions of one of the two"
            )
        rest = number if not bot.regions else rest
        for code in bot.regions:
            area = areas.find(code)
            if area is None:
                continue
            inside = areas.regions(code) if area.tier is Tier.COUNTRY else (area,)
            for region in inside:
                other = first.setdefault(region.code, number)
                if other != number:
                    yield (
                        f"[[bots]] no. {number}: regions: {region.code} is served by no. {other} "
                        "already: name it in one of the two"
                    )
                    break


def _unknown(where: str, code: str, areas: Areas) -> Iterator[str]:
    area = areas.find(code)
    if area is None:
        names = _names(areas.regions())
        near = difflib.get_close_matches(code.casefold(), names, n=1)
        cure = f"did you mean {names[near[0]]}?" if near else "`nabat areas` lists the known ones"
    elif area.tier in (Tier.COUNTRY, Tier.REGION):
        return
    else:
        cure = f"did you mean {areas.region_of(code).code}?"
    yield f"{where} {code!r} is not the code of a country or region: {cure}"


def _names(regions: Iterable[Area]) -> dict[str, AreaCode]:
    """What people write for a region, without case, to its code."""
    return {
        name.casefold(): region.code
        for region in regions
        for name in (region.name_ru, region.name_uk, region.name_en, region.code)
    }


def _anchored(settings: Settings, folder: Path) -> Settings:
    """Relative paths are counted from the file, not from where the command was typed."""

    def at(path: Path) -> Path:
        return folder / path.expanduser()

    reader, storage, levels = settings.reader, settings.storage, settings.parser.levels
    return settings.model_copy(
        update={
            "reader": reader.model_copy(update={"session": at(reader.session)}),
            "parser": settings.parser.model_copy(
                update={"levels": None if levels is None else at(levels)}
            ),
            "storage": storage.model_copy(
                update={"path": at(storage.path), "backup_folder": at(storage.backup_folder)}
            ),
        }
    )

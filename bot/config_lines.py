"""How pydantic's complaints read to an operator: key, what is wrong, what to do."""

import difflib
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from bot.logs import mask
from bot.settings import Settings

_CURES: Final = {
    "api_id": "take it from https://my.telegram.org, «API development tools», or set NABAT_API_ID",
    "api_hash": "take it from https://my.telegram.org, «API development tools», or set "
    "NABAT_API_HASH",
    "token": "take it from @BotFather, or set NABAT_BOT_TOKEN",
    "ids": "give the numeric Telegram id of at least one person, like ids = [123456789]",
    "username": 'give the channel\'s public name, like username = "mchs_official"',
    "region": 'give the code of the region that it speaks for, like region = "RU-KLU"',
    "bots": "add a section [[bots]] with a token",
}
_WANTED: Final = {
    "bool": "true or false",
    "dict": "a section with keys of its own",
    "float": "a number",
    "int": "a whole number",
    "list": "a list in square brackets",
    "model": "a section with keys of its own",
    "path": "text in quotes",
    "string": "text in quotes",
    "tuple": "a list in square brackets",
}
"""By the first word of pydantic's name for the error (``int_parsing``)."""
_LIMITS: Final = {"gt": "more than", "ge": "at least", "lt": "less than", "le": "at most"}
_HASH: Final = re.compile(r"[0-9a-fA-F]{32,}")


def mask_secrets(line: str) -> str:
    """For what an operator may have put in the wrong place, or typed as a key."""
    return _HASH.sub("<hash>", mask(line))


def lines(error: ValidationError, path: Path, variables: Mapping[str, str]) -> list[str]:
    """``config.toml: [reader] api_hash is missing: take it from …``, one line for each problem,
    or the same of a variable: ``variables`` has the names as typed by the full names."""
    found = [
        each
        for each in error.errors(include_url=False, include_input=False)
        if not _is_echo(each, error)
    ]
    # A misspelt key is also a missing one: name the spelling.
    found.sort(key=lambda each: each["type"] != "extra_forbidden")
    return [_line(each, path, variables) for each in found]


def _is_echo(each: ErrorDetails, error: ValidationError) -> bool:
    """Whether it only follows from another: a list is "too short" without its wrong items."""
    where = each["loc"]
    return each["type"] == "default_factory_not_called" or (
        each["type"] == "too_short"
        and any(
            other["loc"][: len(where)] == where and other["loc"] != where
            for other in error.errors(include_url=False, include_input=False)
        )
    )


def _line(error: ErrorDetails, path: Path, variables: Mapping[str, str]) -> str:
    where = error["loc"]
    full = "NABAT_" + "__".join(str(step) for step in where[:2]).upper()
    if where == ("bots", 0, "token"):
        full = "NABAT_BOT_TOKEN"
    place = variables.get(full, f"{path}: {_place(where)}")
    key = next((str(step) for step in reversed(where) if isinstance(step, str)), "")
    context: Mapping[str, Any] = error.get("ctx", {})
    match error["type"]:
        case "missing":
            return f"{place} is missing: {_CURES.get(key, 'add it, see config.example.toml')}"
        case "extra_forbidden":
            return f"{place} is not known: {_nearest(key, where)}"
        case "too_short":
            return f"{place} is empty: {_CURES.get(key, 'fill it in, see config.example.toml')}"
        case "value_error":
            return f"{place} {context['error']}"
        case "literal_error":
            return f"{place} must be {context['expected']}"
        case _:
            pass
    for limit, words in _LIMITS.items():
        if limit in context:
            return f"{place} must be {words} {context[limit]:g}"
    if key in ("bots", "channels"):
        return f"{place} must stand in double brackets, one section for each"
    wanted = _WANTED.get(error["type"].partition("_")[0])
    return f"{place} must be {wanted}" if wanted else f"{place}: {error['msg']}"


def _place(where: tuple[int | str, ...]) -> str:
    """``[reader] api_hash``, ``[[channels]] no. 2: region``, ``[admins] ids, item 1``."""
    section, *rest = where
    head = f"[{section}]"
    if section in ("bots", "channels"):
        head = f"[[{section}]]"
        if rest and isinstance(number := rest.pop(0), int):
            head = f"{head} no. {number + 1}{':' if rest else ''}"
    steps = [f", item {step + 1}" if isinstance(step, int) else f" {step}" for step in rest]
    return head + "".join(steps)


def _nearest(key: str, where: tuple[int | str, ...]) -> str:
    known = _known(where[:-1])
    near = difflib.get_close_matches(key, known, n=1)
    return f"did you mean {near[0]}?" if near else f"the known ones are {', '.join(known)}"


def _known(where: tuple[int | str, ...]) -> list[str]:
    """The keys of the section that ``where`` leads to."""
    model: type[BaseModel] = Settings
    for step in where:
        if isinstance(step, str):
            annotation = model.model_fields[step].annotation
            inner = next(iter(get_args(annotation)), annotation)
            model = inner if isinstance(inner, type) and issubclass(inner, BaseModel) else model
    return list(model.model_fields)

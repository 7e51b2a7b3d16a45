"""JSON columns: the vocabulary's values as text and back. A border, hence pydantic.

Every field is written, defaults too: a default that changes later must not change what an old
snapshot says.
"""

from functools import cache
from typing import Any, TypeVar, cast

from pydantic import TypeAdapter

T = TypeVar("T")


@cache
def _adapter(kind: Any) -> TypeAdapter[Any]:
    return TypeAdapter(kind)


def dump(value: object) -> str:
    return _adapter(cast(Any, type(value))).dump_json(value).decode()


def load(kind: type[T], text: str) -> T:
    return cast(T, _adapter(cast(Any, kind)).validate_json(text))

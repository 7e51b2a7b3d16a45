"""The settings as values: sections, defaults and what each key accepts; secrets stay hidden.

What each key is for stands in ``config.example.toml``; ``bot.config`` reads them.
"""

import re
from pathlib import Path
from typing import Annotated, Final, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from bot.roles import Role, Roles
from storage.areas.tree import parent_code
from storage.model import AreaCode

_PersonId = Annotated[int, Field(gt=0)]
_LOOPBACK: Final = ("localhost", "127.0.0.1", "::1")


def _token(token: SecretStr) -> SecretStr:
    if not re.fullmatch(r"\d{6,12}:[A-Za-z0-9_-]{30,}", token.get_secret_value()):
        raise ValueError("does not look like a bot's token: copy it whole from @BotFather")
    return token


def _api_hash(api_hash: SecretStr) -> SecretStr:
    if not re.fullmatch(r"[0-9a-fA-F]{32}", api_hash.get_secret_value()):
        raise ValueError("must be 32 hexadecimal digits: copy it whole from my.telegram.org")
    return api_hash


def _username(name: str) -> str:
    bare = re.sub(r"^(https?://)?t\.me/(s/)?|^@", "", name.strip()).rstrip("/")
    if not re.fullmatch(r"[A-Za-z]\w{3,31}", bare, re.ASCII):
        raise ValueError("must be the channel's public name, like mchs_official")
    return bare


def _server(address: str) -> str:
    if not re.fullmatch(r"[\w.-]+:\d{1,5}", address, re.ASCII):
        raise ValueError('must be "HOST:PORT", like "149.154.167.40:443"')
    return address


def _base_url(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError('must be an address like "https://api.telegram.org"')
    return url.rstrip("/")


def _page_url(url: SecretStr) -> SecretStr:
    parts = urlsplit(url.get_secret_value())
    if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
        raise ValueError('must begin with "https://": pages must not be read on the way')
    return url


def _session(path: Path) -> Path:
    if path.suffix != ".session":
        raise ValueError('must end in ".session": Telethon adds it otherwise')
    return path


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ReaderSection(_Section):
    """The account that reads. ``poll_interval``: seconds between two reads of a history, over
    all channels. ``server``: of Telegram's test servers, for the login only."""

    api_id: int = Field(gt=0)
    api_hash: Annotated[SecretStr, AfterValidator(_api_hash)]
    session: Annotated[Path, AfterValidator(_session)] = Path("data/reader.session")
    poll_interval: float = Field(default=1.0, gt=0, le=60)
    server: Annotated[str, AfterValidator(_server)] | None = None

    @property
    def address(self) -> tuple[str, int] | None:
        if self.server is None:
            return None
        host, _, port = self.server.rpartition(":")
        return host, int(port)


class ParserSection(_Section):
    """``levels``: the operator's own table of regions, laid over the bundled one."""

    levels: Path | None = None


class BotSection(_Section):
    """One token. ``regions``: whose chats it serves; empty: all."""

    token: Annotated[SecretStr, AfterValidator(_token)]
    regions: tuple[AreaCode, ...] = ()


class BotApiSection(_Section):
    base_url: Annotated[str, AfterValidator(_base_url)] = "https://api.telegram.org"


class StorageSection(_Section):
    path: Path = Path("data/nabat.db")
    keep_posts_days: int = Field(default=90, ge=1)
    keep_cards_days: int = Field(default=30, ge=1)
    backup_folder: Path = Path("data/backups")
    backups_kept: int = Field(default=7, ge=1)


class AdminSection(_Section):
    """``ids`` are the owners. ``page_url`` gets a POST when the bot itself cannot speak; such
    addresses hold a key."""

    ids: tuple[_PersonId, ...] = Field(min_length=1)
    operators: tuple[_PersonId, ...] = ()
    viewers: tuple[_PersonId, ...] = ()
    page_url: Annotated[SecretStr, AfterValidator(_page_url)] | None = None

    @property
    def roles(self) -> Roles:
        """Who stands in two lists has the higher role."""
        return {
            **dict.fromkeys(self.viewers, Role.VIEWER),
            **dict.fromkeys(self.operators, Role.OPERATOR),
            **dict.fromkeys(self.ids, Role.OWNER),
        }


class ChannelSection(_Section):
    """A channel to read. ``region`` may be a country. ``declares``: it may open and close
    danger; by default a region's channel may and a country's may not."""

    username: Annotated[str, AfterValidator(_username)]
    region: AreaCode
    declares: bool = Field(
        default_factory=lambda found: parent_code(found.get("region", "")) is not None
    )


class LoggingSection(_Section):
    level: Literal["debug", "info", "warning", "error"] = "info"
    format: Literal["text", "json"] = "text"


class Settings(BaseSettings):
    """All of it. Paths are absolute."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        hide_input_in_errors=True,
        env_prefix="NABAT_",
        env_nested_delimiter="__",
        env_ignore_empty=True,
    )

    reader: ReaderSection
    bots: tuple[BotSection, ...] = Field(min_length=1)
    bot_api: BotApiSection = BotApiSection()
    storage: StorageSection = StorageSection()
    admins: AdminSection
    channels: tuple[ChannelSection, ...] = ()
    parser: ParserSection = ParserSection()
    logging: LoggingSection = LoggingSection()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What ``load`` has put together, and nothing of this process's own environment."""
        return (init_settings,)

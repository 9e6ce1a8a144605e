"""Every setting, read once from the environment. ``docs/settings.md`` explains them all."""

from __future__ import annotations

import base64
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from core.errors import InvalidSetting

LOG_LEVELS = ("debug", "info", "warning", "error")
TRAVEL_SOURCES = ("streets", "osrm", "valhalla", "straight")
DEFAULT_CACHE_DIR = Path.home() / ".cache" / "talkoot"
GEOCODERS = ("pack", "nominatim", "photon", "pelias")
MAILERS = ("console", "smtp", "none")
GRAPHQL_GET = ("off", "trusted", "on")
GRAPHQL_DOCUMENTS = ("any", "trusted")
GRAPHQL_INTROSPECTION = ("signed-in", "on")
GRAPHQL_CONSOLE = ("off", "on")
SMTP_SECURITIES = ("starttls", "tls", "none")
TEXT_SENDERS = ("console", "http", "none")
WEBHOOK_HOSTS = ("public", "local")
P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
LOOPBACK_HOSTS = ("localhost", "127.0.0.1", "::1")


def _text(value: str) -> str:
    return value


def _path(value: str) -> Path:
    return Path(value).expanduser()


def _url(value: str) -> str:
    try:
        parts = urlsplit(value)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("an address such as http://localhost:5000")
    return value.rstrip("/")


def _push_key(value: str) -> str:
    is_written = re.fullmatch(r"[A-Za-z0-9_-]{43}=?", value)
    scalar = base64.urlsafe_b64decode(value[:43] + "=") if is_written else b""
    if not 0 < int.from_bytes(scalar, "big") < P256_ORDER:
        raise ValueError("a key that `talkoot push key` made")
    return value


def _push_contact(value: str) -> str:
    if not re.fullmatch(r"mailto:[^\s@,<>]+@[^\s@,<>]+|https://[^\s,<>]+", value):
        raise ValueError("an address such as mailto:snow@city.example")
    return value


def _tiles_url(value: str) -> str:
    wanted = "an address such as https://tiles.city.example/{z}/{x}/{y}.png"
    try:
        parts = urlsplit(value)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError(wanted) from None
    holes = sorted(re.findall(r"\{(.*?)\}", f"{parts.path}?{parts.query}"))
    safe = parts.scheme == "https" or (parts.scheme == "http" and host in LOOPBACK_HOSTS)
    if (
        not safe
        or not re.fullmatch(r"[a-z0-9.:-]+", host)
        or parts.username is not None
        or parts.fragment
        or holes != ["x", "y", "z"]
        or re.search(r"[\s;,'\"<>]", value)
    ):
        raise ValueError(wanted)
    return value


def _one_of(*allowed: str) -> Callable[[str], str]:
    def read(value: str) -> str:
        if value.lower() not in allowed:
            raise ValueError("one of " + ", ".join(allowed))
        return value.lower()

    return read


def _number(low: float, high: float) -> Callable[[str], float]:
    def read(value: str) -> float:
        wanted = f"a number from {low:g} to {high:g}"
        try:
            number = float(value)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= number <= high:
            raise ValueError(wanted)
        return number

    return read


def _whole_number(low: int, high: int) -> Callable[[str], int]:
    def read(value: str) -> int:
        wanted = f"a whole number from {low} to {high}"
        try:
            number = int(value)
        except ValueError:
            raise ValueError(wanted) from None
        if not low <= number <= high:
            raise ValueError(wanted)
        return number

    return read


def _setting(
    variable: str, default: Any, read: Callable[[str], Any], *, secret: bool = False
) -> Any:
    return field(
        default=default,
        repr=not secret,
        metadata={"variable": variable, "read": read, "secret": secret},
    )


@dataclass(frozen=True)
class Settings:
    """What one installation may choose. An unset or empty variable means the default."""

    database_url: str = _setting("TALKOOT_DATABASE_URL", "sqlite:///talkoot.db", _text, secret=True)
    city: str = _setting("TALKOOT_CITY", "cambridge", _text)
    cache_dir: Path = _setting(  # noqa: RUF009 - a field(), and a Path cannot change
        "TALKOOT_CACHE_DIR", DEFAULT_CACHE_DIR, _path
    )
    log_level: str = _setting("TALKOOT_LOG_LEVEL", "warning", _one_of(*LOG_LEVELS))
    workers: int = _setting("TALKOOT_WORKERS", 1, _whole_number(1, 256))
    walk_speed_kmh: float = _setting("TALKOOT_WALK_SPEED_KMH", 4.8, _number(1, 10))
    travel: str = _setting("TALKOOT_TRAVEL", "streets", _one_of(*TRAVEL_SOURCES))
    osrm_url: str | None = _setting("TALKOOT_OSRM_URL", None, _url)
    valhalla_url: str | None = _setting("TALKOOT_VALHALLA_URL", None, _url)
    geocoder: str = _setting("TALKOOT_GEOCODER", "pack", _one_of(*GEOCODERS))
    nominatim_url: str | None = _setting("TALKOOT_NOMINATIM_URL", None, _url)
    photon_url: str | None = _setting("TALKOOT_PHOTON_URL", None, _url)
    pelias_url: str | None = _setting("TALKOOT_PELIAS_URL", None, _url)
    user_agent: str = _setting("TALKOOT_USER_AGENT", "talkoot", _text)
    public_url: str = _setting("TALKOOT_PUBLIC_URL", "http://localhost:8000", _url)
    mail: str = _setting("TALKOOT_MAIL", "console", _one_of(*MAILERS))
    mail_from: str = _setting("TALKOOT_MAIL_FROM", "talkoot@localhost", _text)
    smtp_host: str = _setting("TALKOOT_SMTP_HOST", "localhost", _text)
    smtp_port: int = _setting("TALKOOT_SMTP_PORT", 587, _whole_number(1, 65_535))
    smtp_security: str = _setting("TALKOOT_SMTP_SECURITY", "starttls", _one_of(*SMTP_SECURITIES))
    smtp_user: str | None = _setting("TALKOOT_SMTP_USER", None, _text)
    smtp_password: str | None = _setting("TALKOOT_SMTP_PASSWORD", None, _text, secret=True)
    sms: str = _setting("TALKOOT_SMS", "console", _one_of(*TEXT_SENDERS))
    sms_url: str | None = _setting("TALKOOT_SMS_URL", None, _url)
    sms_account: str | None = _setting("TALKOOT_SMS_ACCOUNT", None, _text)
    sms_token: str | None = _setting("TALKOOT_SMS_TOKEN", None, _text, secret=True)
    sms_from: str | None = _setting("TALKOOT_SMS_FROM", None, _text)
    help_phone: str | None = _setting("TALKOOT_HELP_PHONE", None, _text)
    oidc_issuer: str | None = _setting("TALKOOT_OIDC_ISSUER", None, _url)
    oidc_client_id: str | None = _setting("TALKOOT_OIDC_CLIENT_ID", None, _text)
    oidc_client_secret: str | None = _setting(
        "TALKOOT_OIDC_CLIENT_SECRET", None, _text, secret=True
    )
    oidc_name: str = _setting("TALKOOT_OIDC_NAME", "OpenID", _text)
    weather_url: str = _setting("TALKOOT_WEATHER_URL", "https://api.weather.gov", _url)
    webhook_hosts: str = _setting("TALKOOT_WEBHOOK_HOSTS", "public", _one_of(*WEBHOOK_HOSTS))
    push_key: str | None = _setting("TALKOOT_PUSH_KEY", None, _push_key, secret=True)
    push_contact: str | None = _setting("TALKOOT_PUSH_CONTACT", None, _push_contact)
    tiles_url: str | None = _setting("TALKOOT_TILES_URL", None, _tiles_url)
    tiles_credit: str | None = _setting("TALKOOT_TILES_CREDIT", None, _text)
    job_lease_s: float = _setting("TALKOOT_JOB_LEASE_S", 30.0, _number(1, 600))
    graphql_get: str = _setting("TALKOOT_GRAPHQL_GET", "off", _one_of(*GRAPHQL_GET))
    graphql_documents: str = _setting(
        "TALKOOT_GRAPHQL_DOCUMENTS", "any", _one_of(*GRAPHQL_DOCUMENTS)
    )
    graphql_introspection: str = _setting(
        "TALKOOT_GRAPHQL_INTROSPECTION", "signed-in", _one_of(*GRAPHQL_INTROSPECTION)
    )
    graphql_console: str = _setting("TALKOOT_GRAPHQL_CONSOLE", "off", _one_of(*GRAPHQL_CONSOLE))
    pages_keep_s: int = _setting("TALKOOT_PAGES_KEEP_S", 5, _whole_number(0, 600))
    graphql_rate: int = _setting("TALKOOT_GRAPHQL_RATE", 600, _whole_number(1, 10_000_000))

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """The settings of this process, or of the mapping given.

        Raises
        ------
        InvalidSetting
            Naming the variable and what it may hold.
        """
        source = os.environ if environ is None else environ
        values: dict[str, Any] = {}
        for entry in fields(cls):
            variable = entry.metadata["variable"]
            text = source.get(variable, "").strip()
            if not text:
                continue
            try:
                values[entry.name] = entry.metadata["read"](text)
            except ValueError as error:
                given = "" if entry.metadata["secret"] else f" not {text!r}"
                raise InvalidSetting(f"{variable} must be {error},{given}.") from None
        settings = cls(**values)
        settings._check_services()
        settings._check_webhooks()
        return settings

    def _check_services(self) -> None:
        for choice, variable in (
            (self.travel, "TALKOOT_TRAVEL"),
            (self.geocoder, "TALKOOT_GEOCODER"),
        ):
            if getattr(self, f"{choice}_url", "own") is None:
                raise InvalidSetting(
                    f"{variable} is {choice!r}, so TALKOOT_{choice.upper()}_URL must be set."
                )
        if (self.oidc_issuer is None) != (self.oidc_client_id is None):
            raise InvalidSetting(
                "TALKOOT_OIDC_ISSUER and TALKOOT_OIDC_CLIENT_ID belong together: set both or none."
            )
        if (self.tiles_url is None) != (self.tiles_credit is None):
            raise InvalidSetting(
                "TALKOOT_TILES_URL and TALKOOT_TILES_CREDIT belong together: who made the map must "
                "stand on it. Set both or none."
            )
        if (self.push_key is None) != (self.push_contact is None):
            raise InvalidSetting(
                "TALKOOT_PUSH_KEY and TALKOOT_PUSH_CONTACT belong together: set both or none."
            )

    @property
    def is_local(self) -> bool:
        """Whether the pages are for this machine alone, as in development."""
        return urlsplit(self.public_url).hostname in LOOPBACK_HOSTS

    @property
    def tiles_origin(self) -> str | None:
        """Where the squares of a map come from, as browsers are told; None without them."""
        if self.tiles_url is None:
            return None
        parts = urlsplit(self.tiles_url)
        return f"{parts.scheme}://{parts.netloc.lower()}"

    def _check_webhooks(self) -> None:
        if self.webhook_hosts == "local" and not self.is_local:
            raise InvalidSetting(
                "TALKOOT_WEBHOOK_HOSTS may be 'local' only where TALKOOT_PUBLIC_URL is on this "
                "machine, such as http://localhost:8000."
            )

"""A map of another server under ours: off by default, and only what browsers must be told."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient

from api.app import create_app
from core.errors import InvalidSetting
from core.settings import Settings

URL = "https://Tiles.city.example:8443/v1/{z}/{x}/{y}.png?key=abc"
CREDIT = "© The city's map office"


def read(url: str = URL, credit: str = CREDIT) -> Settings:
    return Settings.from_environment(
        {
            "TALKOOT_TILES_URL": url,
            "TALKOOT_TILES_CREDIT": credit,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
        }
    )


def images_of(settings: Settings, folder: Path) -> tuple[set[str], dict[str, str]]:
    """What the policy allows as pictures, and what the map is told."""
    stored = replace(settings, database_url=f"sqlite:///{folder / 'tiles.db'}")
    with TestClient(create_app(stored)) as client:
        answer = client.get("/map/tiles.json")
    policy = answer.headers["content-security-policy"]
    found = re.search(r"img-src ([^;]+)", policy)
    assert found is not None
    strict = "default-src 'none'; script-src 'self'; style-src 'self'; img-src "
    assert policy.startswith(strict)
    assert policy.count("://") == (settings.tiles_url is not None)
    said: dict[str, str] = answer.json()
    return set(found[1].split()), said


def test_without_the_setting_pictures_are_ours_alone(tmp_path: Path) -> None:
    settings = Settings(mail="none", sms="none")
    assert images_of(settings, tmp_path) == ({"'self'", "data:"}, {})


def test_the_policy_gains_that_one_server(tmp_path: Path) -> None:
    allowed, said = images_of(read(), tmp_path)
    assert allowed == {"'self'", "data:", "https://tiles.city.example:8443"}
    assert said == {"url": URL, "credit": CREDIT}


@pytest.mark.parametrize(
    "url",
    [
        "https://tiles.example/map.png",
        "https://tiles.example/{z}/{x}.png",
        "https://tiles.example/{z}/{x}/{y}/{key}.png",
        "https://tiles.example/{z}/{x}/{y}/{y}.png",
        "https://{s}.tiles.example/{z}/{x}/{y}.png",
        "https://*.example/{z}/{x}/{y}.png",
        "https://me:word@tiles.example/{z}/{x}/{y}.png",
        "http://tiles.example/{z}/{x}/{y}.png",
        "https:///{z}/{x}/{y}.png",
        "https://tiles.example:x/{z}/{x}/{y}.png",
        "https://tiles.example/{z}/{x}/{y}.png; script-src *",
        "https://tiles.example;script-src/{z}/{x}/{y}.png",
        "javascript:{z}{x}{y}",
    ],
)
def test_an_address_that_could_open_more_is_refused(url: str) -> None:
    with pytest.raises(InvalidSetting, match=r"TALKOOT_TILES_URL must be an address such as"):
        read(url)


def test_who_made_the_map_is_always_named() -> None:
    with pytest.raises(InvalidSetting, match="belong together"):
        read(credit="")
    with pytest.raises(InvalidSetting, match="belong together"):
        read(url="")
    assert read("http://127.0.0.1:8080/{z}/{x}/{y}.png").tiles_origin == "http://127.0.0.1:8080"

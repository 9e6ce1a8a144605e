from __future__ import annotations

import re
from dataclasses import Field, FrozenInstanceError, fields
from pathlib import Path

import pytest

from core.errors import InvalidSetting
from core.settings import Settings

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "settings.md"


def documented() -> dict[str, str]:
    """Variable to default, from the table of the document."""
    rows = re.findall(r"^\| `(TALKOOT_\w+)` \| (\S.*?) \|", DOCUMENT.read_text("utf-8"), re.M)
    return {name: default.strip("`") for name, default in rows if "TEST" not in name}


def test_every_setting_is_documented_and_nothing_else() -> None:
    assert list(documented()) == [entry.metadata["variable"] for entry in fields(Settings)]


@pytest.mark.parametrize("entry", fields(Settings), ids=lambda entry: str(entry.name))
def test_documented_default_is_the_default(entry: Field[object]) -> None:
    default = getattr(Settings(), entry.name)
    shown = documented()[entry.metadata["variable"]]
    if shown == "unset":
        assert default is None
    else:
        assert str(default) == str(
            Path(shown).expanduser() if "/" in shown and ":" not in shown else shown
        )


def test_empty_environment_gives_the_defaults() -> None:
    assert Settings.from_environment({}) == Settings()
    assert Settings.from_environment({"TALKOOT_CITY": "  "}) == Settings()


def test_values_are_read() -> None:
    settings = Settings.from_environment(
        {
            "TALKOOT_WORKERS": "4",
            "TALKOOT_WALK_SPEED_KMH": "3.5",
            "TALKOOT_LOG_LEVEL": "INFO",
            "TALKOOT_TRAVEL": "osrm",
            "TALKOOT_OSRM_URL": "http://localhost:5000/",
            "TALKOOT_CACHE_DIR": "~/graphs",
        }
    )
    assert settings.workers == 4
    assert settings.walk_speed_kmh == 3.5
    assert settings.log_level == "info"
    assert settings.osrm_url == "http://localhost:5000"
    assert settings.cache_dir == Path.home() / "graphs"


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("TALKOOT_WORKERS", "many", "TALKOOT_WORKERS must be a whole number from 1 to 256"),
        ("TALKOOT_WORKERS", "0", "a whole number from 1 to 256, not '0'"),
        ("TALKOOT_WORKERS", "2.5", "not '2.5'"),
        ("TALKOOT_WALK_SPEED_KMH", "fast", "a number from 1 to 10"),
        ("TALKOOT_WALK_SPEED_KMH", "nan", "a number from 1 to 10"),
        ("TALKOOT_WALK_SPEED_KMH", "48", "not '48'"),
        ("TALKOOT_LOG_LEVEL", "loud", "one of debug, info, warning, error, not 'loud'"),
        ("TALKOOT_OSRM_URL", "localhost:5000", "an address such as http://"),
        ("TALKOOT_OSRM_URL", "http://[", "an address such as http://"),
        ("TALKOOT_TRAVEL", "osrm", "TALKOOT_OSRM_URL must be set"),
        ("TALKOOT_GEOCODER", "photon", "TALKOOT_PHOTON_URL must be set"),
    ],
)
def test_wrong_value_names_the_variable_and_the_remedy(
    variable: str, value: str, expected: str
) -> None:
    with pytest.raises(InvalidSetting, match=re.escape(expected)) as caught:
        Settings.from_environment({variable: value})
    assert variable in str(caught.value)


def test_settings_do_not_change() -> None:
    with pytest.raises(FrozenInstanceError):
        Settings().workers = 2  # type: ignore[misc] - the point of the test


def test_no_secret_is_shown() -> None:
    secrets = {
        entry.name: f"hidden-{entry.name}" for entry in fields(Settings) if entry.metadata["secret"]
    }
    assert {"push_key", "smtp_password", "sms_token", "oidc_client_secret"} < set(secrets)
    others = {"push_contact": "mailto:snow@city.example", "oidc_issuer": "https://id.example"}
    shown = repr(Settings(**{**secrets, **others}))
    assert "hidden-" not in shown
    assert "push_contact='mailto:snow@city.example'" in shown

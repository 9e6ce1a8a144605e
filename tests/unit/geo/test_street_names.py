"""Street names in one spelling."""

from __future__ import annotations

import pytest

from geo.street_names import digits_of, fold_text, spelling_variants, split_type, street_key


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("Mt. Auburn St", "mount auburn street"),
        ("St Mary Rd", "Saint Mary Road"),
        ("Second St", "2nd Street"),
        ("TWENTIETH AVE", "20th Avenue"),
        ("N Elm St", "Elm St N"),
        ("North Elm Street", "Elm St. N."),
        ("J.F.K. Street", "JFK St"),
        ("Monsignor O'Brien Hwy", "msgr obrien highway"),
        ("Monsignor O\u2019Brien Hwy", "Monsignor OBrien Hwy"),
        ("Concord Tpke", "Concord Tpk"),
        ("H\u00e4meentie", "hameentie"),
        ("Hauptstra\u00dfe", "Hauptstr."),
        ("Aleksanterink.", "Aleksanterinkatu"),
        ("\u00d8stergade", "Ostergade"),
        ("Museum Ctr", "Museum Centre"),
    ],
)
def test_spellings_of_one_street_have_one_key(first: str, second: str) -> None:
    assert street_key(first) == street_key(second)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2nd St", "3rd St"),
        ("Elm St", "Elm St N"),
        ("E St", "East St"),
        ("South St", "St South"),
        ("Park St", "Park Ave"),
        ("Broadway", "Broadway Ct"),
        ("St Paul St", "Paul St"),
    ],
)
def test_different_streets_have_different_keys(first: str, second: str) -> None:
    assert street_key(first) != street_key(second)


@pytest.mark.parametrize(
    ("key", "parts"),
    [
        ("rindge avenue", ("rindge", "avenue")),
        ("elm street north", ("elm north", "street")),
        ("broadway", ("broadway", "")),
        ("park street", ("park", "street")),
        ("street", ("street", "")),
    ],
)
def test_name_and_type_come_apart(key: str, parts: tuple[str, str]) -> None:
    assert split_type(key) == parts


def test_fractions_and_accents_fold() -> None:
    assert fold_text("12\u00bd \u00c0bbey  St.,") == "12 1/2 abbey st,"


def test_variants_hold_the_written_and_the_full_and_the_short_name() -> None:
    assert spelling_variants("Mt Auburn Street") == (
        "mt auburn street",
        "mount auburn street",
        "mount auburn st",
    )


def test_digits_are_the_numbered_words() -> None:
    assert digits_of(street_key("Second St")) == "2"
    assert digits_of("elm street") == ""

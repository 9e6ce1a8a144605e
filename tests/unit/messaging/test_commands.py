from __future__ import annotations

import pytest

from messaging.commands import (
    MAX_PAUSE_DAYS,
    USUAL_PAUSE_DAYS,
    Verb,
    Which,
    is_common_word,
    read_command,
    read_commands,
)


@pytest.mark.parametrize(
    ("text", "verb", "codes"),
    [
        ("YES K7", Verb.YES, ("K7",)),
        ("yes k 7", Verb.YES, ("K7",)),
        ("Yes, K7!", Verb.YES, ("K7",)),
        ("YESK7", Verb.YES, ("K7",)),
        ("yes  k-7.", Verb.YES, ("K7",)),
        ("  YES\nK7 ", Verb.YES, ("K7",)),
        ("ok K7", Verb.YES, ("K7",)),
        ("Y k7", Verb.YES, ("K7",)),
        ("SI K7", Verb.YES, ("K7",)),
        ("Sí K7", Verb.YES, ("K7",)),
        ("SÍ, K-7", Verb.YES, ("K7",)),
        ("si\u0301 k7", Verb.YES, ("K7",)),
        ("claro 3a", Verb.YES, ("3A",)),
        ("yes AHCDEF", Verb.YES, ("AHCDEF",)),
        ("yes k7, m4", Verb.YES, ("K7", "M4")),
        ("YES K7 no problem", Verb.YES, ("K7",)),
        ("NO K7", Verb.NO, ("K7",)),
        ("no thanks k7", Verb.NO, ("K7",)),
        ("No gracias, K7", Verb.NO, ("K7",)),
        ("nope", Verb.NO, ()),
        ("no puedo k7", Verb.CANNOT, ("K7",)),
        ("can't k7", Verb.CANNOT, ("K7",)),
        ("can\u2019t K7", Verb.CANNOT, ("K7",)),
        ("CANCEL K7", Verb.CANNOT, ("K7",)),
        ("DONE K7", Verb.DONE, ("K7",)),
        ("Hecho k7", Verb.DONE, ("K7",)),
        ("ya está k7", Verb.DONE, ("K7",)),
        ("NOT DONE", Verb.NOT_DONE, ()),
        ("no hecho", Verb.NOT_DONE, ()),
        ("nobody came", Verb.NOT_DONE, ()),
        ("on my way K7", Verb.ON_MY_WAY, ("K7",)),
        ("en camino", Verb.ON_MY_WAY, ()),
        ("Not today", Verb.NOT_TODAY, ()),
        ("no, not today", Verb.NOT_TODAY, ()),
        ("HOY NO", Verb.NOT_TODAY, ()),
        ("STATUS", Verb.STATUS, ()),
        ("estado", Verb.STATUS, ()),
        ("HELP", Verb.HELP, ()),
        ("ayuda", Verb.HELP, ()),
        ("ask", Verb.ASK, ()),
        ("I need help", Verb.ASK, ()),
        ("Necesito ayuda", Verb.ASK, ()),
        ("START", Verb.START, ()),
        ("empezar", Verb.START, ()),
        ("K7", Verb.UNKNOWN, ("K7",)),
        ("", Verb.UNKNOWN, ()),
        ("!!!", Verb.UNKNOWN, ()),
        ("No problem!", Verb.UNKNOWN, ()),
        ("no hay problema", Verb.UNKNOWN, ("HAY",)),
        ("to the store", Verb.UNKNOWN, ("THE",)),
    ],
)
def test_verb_and_codes(text: str, verb: Verb, codes: tuple[str, ...]) -> None:
    command = read_command(text)

    assert (command.verb, command.codes) == (verb, codes)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        "stop",
        " Stop. ",
        "STOP ALL",
        "stopall",
        "Stop texting me",
        "please stop",
        "unsubscribe",
        "ALTO",
        "pare",
        "Basta ya",
        "cancel",
        "END",
        "quit",
        "baja",
    ],
)
def test_stop_is_heard_in_whatever_words(text: str) -> None:
    assert read_command(text).verb is Verb.STOP


@pytest.mark.parametrize(
    "text", ["cancel K7", "the end of the street is blocked", "para K7 hola", "bus stop near K7"]
)
def test_words_that_only_look_like_stop(text: str) -> None:
    assert read_command(text).verb is not Verb.STOP


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("PAUSE", USUAL_PAUSE_DAYS),
        ("PAUSE 2 WEEKS", 14),
        ("pause two weeks", 14),
        ("PAUSA 2 SEMANAS", 14),
        ("pausa una semana", 7),
        ("pause 3 days", 3),
        ("pause 10d", 10),
        ("pause 10", 10),
        ("pausa un mes", 30),
        ("pause a month", 30),
        ("pause 3 días", 3),
        ("pause 0 days", 1),
        ("pause 9999 weeks", MAX_PAUSE_DAYS),
        ("pause until spring", USUAL_PAUSE_DAYS),
    ],
)
def test_length_of_a_pause(text: str, days: int) -> None:
    command = read_command(text)

    assert (command.verb, command.days) == (Verb.PAUSE, days)


@pytest.mark.parametrize(
    ("text", "which"),
    [
        ("YES ALL", Which.ALL),
        ("yes both", Which.ALL),
        ("sí todas", Which.ALL),
        ("YES ANY", Which.ANY),
        ("si cualquiera", Which.ANY),
        ("yes K7 any", Which.ANY),
        ("yes", Which.NAMED),
    ],
)
def test_all_any_or_the_named(text: str, which: Which) -> None:
    assert read_command(text).which is which


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("TO K7 I am at the door, Ana!", "K7", "I am at the door, Ana!"),
        ("to k 7: ring twice", "K7", "ring twice"),
        ("A k7 estoy aquí", "K7", "estoy aquí"),
        ("PARA K7 Ya voy", "K7", "Ya voy"),
        ("to K7", "K7", ""),
    ],
)
def test_words_to_pass_on_stay_as_they_were_written(text: str, code: str, words: str) -> None:
    command = read_command(text)

    assert (command.verb, command.codes, command.text) == (Verb.RELAY, (code,), words)


def test_several_wishes_in_one_text() -> None:
    wishes = read_commands("YES K7 NO M4, si 3a")

    assert [(wish.verb, wish.codes) for wish in wishes] == [
        (Verb.YES, ("K7",)),
        (Verb.NO, ("M4",)),
        (Verb.YES, ("3A",)),
    ]


@pytest.mark.parametrize(
    ("text", "language"),
    [("SI K7", "es"), ("YES K7", "en"), ("NO K7", None), ("ALTO", "es"), ("HOY NO", "es")],
)
def test_language_of_the_words(text: str, language: str | None) -> None:
    assert read_command(text).language == language


def test_common_words_are_told_from_codes() -> None:
    assert is_common_word("me")
    assert is_common_word("LA")
    assert not is_common_word("K7")

"""Whatever is written, something sensible is read, and nothing breaks."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.ids import CODE_ALPHABET
from messaging.commands import MAX_COMMANDS, MAX_PAUSE_DAYS, Verb, read_commands

CODES = st.text(CODE_ALPHABET, min_size=2, max_size=2).filter(
    lambda code: any(char.isdigit() for char in code)
)
PIECES = st.sampled_from(
    [
        "yes",
        "SÍ",
        "no",
        "done",
        "to",
        "a",
        "pause",
        "2",
        "weeks",
        "stop",
        "all",
        "K7",
        "k",
        "7",
        ",",
    ]
)


@given(st.one_of(st.text(max_size=2_000), st.lists(PIECES, max_size=30).map(" ".join)))
def test_reading_never_fails_and_stays_bounded(text: str) -> None:
    commands = read_commands(text)

    assert 1 <= len(commands) <= MAX_COMMANDS
    for command in commands:
        assert len(command.codes) <= MAX_COMMANDS
        assert all(set(code) <= set(CODE_ALPHABET) for code in command.codes)
        assert command.days is None or 1 <= command.days <= MAX_PAUSE_DAYS
        if command.verb is Verb.RELAY:
            assert command.text in text


@given(
    code=CODES,
    verb=st.sampled_from(
        [("yes", Verb.YES), ("sí", Verb.YES), ("no", Verb.NO), ("done", Verb.DONE)]
    ),
    upper=st.booleans(),
    between=st.sampled_from([" ", "  ", ", ", ": ", "\n", " - ", " #"]),
    split=st.booleans(),
    end=st.sampled_from(["", " ", "!", ".", " please", "\n"]),
)
def test_a_code_is_found_however_it_is_written(
    code: str, verb: tuple[str, Verb], upper: bool, between: str, split: bool, end: str
) -> None:
    shown = f"{code[0]} {code[1]}" if split else code
    text = f"{verb[0]}{between}{shown}{end}"
    (command,) = read_commands(text.upper() if upper else text.lower())

    assert (command.verb, command.codes[:1]) == (verb[1], (code,))

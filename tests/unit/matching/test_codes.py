from __future__ import annotations

from matching.rounds.lifecycle import pick_code


def test_codes_are_a_letter_and_a_digit_and_differ() -> None:
    in_use: set[str] = set()
    for position in range(95):
        code = pick_code(in_use, start=position)
        assert len(code) == 2
        assert code[0].isalpha()
        assert code[1].isdigit()
        assert code not in in_use
        in_use.add(code)
    longer = pick_code(in_use)
    assert len(longer) == 3
    assert longer not in in_use


def test_code_is_free_whatever_the_start() -> None:
    first = pick_code(set(), start=5)
    assert pick_code({first}, start=5) != first
    assert pick_code(set(), start=5 + 95) == first

from __future__ import annotations

import pytest

from messaging.masking import mask_contacts


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Call 617-555-0123 please", "Call *** please"),
        ("Call (617) 555 0123.", "Call ***."),
        ("+1 617 555 0123", "***"),
        ("6175550123", "***"),
        ("six? 617.555.0123!", "six? ***!"),
        ("555-0123", "***"),
        ("+358 40 1234567 on minun", "*** on minun"),
        ("6 1 7 5 5 5 0 1 2 3", "***"),
        ("617\u200d555\u200d0123", "***"),
        ("write me@example.org now", "write *** now"),
        ("Me.And+You@mail.example.co.uk", "***"),
        ("me (at) example (dot) org", "***"),
        ("me[at]example.org", "***"),
        ("me\uff20example.org", "***"),
        ("617-555-0123 or me@example.org", "*** or ***"),
    ],
)
def test_ways_to_reach_somebody_are_hidden(text: str, masked: str) -> None:
    assert mask_contacts(text).text == masked


@pytest.mark.parametrize(
    "text",
    [
        "I am at the door. Bye",
        "I come at 10:30, latest 11:00",
        "House 1234, door 5",
        "The storm of 2026-01-15",
        "See you on 1/15/2026",
        "12 steps, 40 feet, 150 lbs",
        "Code K7",
        "",
    ],
)
def test_other_words_stay(text: str) -> None:
    assert mask_contacts(text).text == text

"""Payloads of notifications: small enough, complete, and without anything but ids and words."""

from __future__ import annotations

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.live import GAP, Change, topic
from core.live_postgres import MAX_PAYLOAD_BYTES, pack, unpack

WORDS = st.sampled_from(["offer.sent", "request.open", "ask.answered", "x" * 64])
IDS = st.uuids()


@st.composite
def changes(draw: st.DrawFn) -> Change:
    concerns = tuple(topic("volunteer", key) for key in draw(st.lists(IDS, max_size=3)))
    return Change(
        draw(WORDS),
        draw(st.sampled_from(["offer", "request", "y" * 32])),
        draw(IDS),
        draw(st.none() | IDS),
        concerns,
    )


@given(st.lists(changes(), max_size=200))
def test_what_is_packed_comes_out_again(given_changes: list[Change]) -> None:
    payloads = list(pack(given_changes))

    assert all(len(payload.encode()) <= MAX_PAYLOAD_BYTES for payload in payloads)
    unpacked = [change for payload in payloads for change in unpack(payload)]
    assert sorted(unpacked, key=repr) == sorted(given_changes, key=repr)


def test_many_changes_of_one_kind_share_their_words() -> None:
    town = UUID(int=7)
    many = [Change("offer.proposed", "offer", UUID(int=number), town) for number in range(2_000)]

    payloads = list(pack(many))

    assert len(payloads) <= 10
    assert max(len(payload) for payload in payloads) < 8_000


@pytest.mark.parametrize(
    "payload", ["", "{}", "[1,2,3]", '["a","b","zz",[]]', '["a","b",null,[3]]']
)
def test_payload_of_another_version_is_a_gap(payload: str) -> None:
    assert unpack(payload) == [GAP]

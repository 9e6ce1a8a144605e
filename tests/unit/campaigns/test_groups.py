"""Groups without a database: who may write what, how one gets in, and how far it is."""

from __future__ import annotations

import h3.api.basic_int as h3
import pytest

from campaigns.groups.errors import InvalidGroup, InvalidGroupPost, JoiningRefused, MoveImpossible
from campaigns.groups.kinds import GroupRole, Joining, MemberStatus
from campaigns.groups.models import GroupMember
from campaigns.groups.places import find_area_cell, measure_m
from campaigns.groups.policy import Standing
from campaigns.groups.states import Move, find_way_in, move_on
from campaigns.groups.words import MAX_POST, clean_line, clean_post, make_slug
from tests.conftest import EVENING_OF_SNOW

CELL = h3.latlng_to_cell(42.3736, -71.1106, 9)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "nothing to post"),
        ("   \n\t ", "nothing to post"),
        ("x" * (MAX_POST + 1), "at most 4000"),
        ("x" * 1_000_000, "too long"),
        ("a\x00b", "cannot be seen"),
        ("pay \u202eereh", "cannot be seen"),
        ("half \ud800 a letter", "cannot be seen"),
        ("h" + "\u0335" * 9 + "i", "piles of marks"),
        ("\n".join("abc" for _ in range(200)), "lines"),
        ("http://a.example www.b.example https://c.example", "3 links"),
    ],
)
def test_words_that_cannot_be_posted_are_refused_with_a_reason(text: str, says: str) -> None:
    with pytest.raises(InvalidGroupPost, match=says):
        clean_post(text, longest=MAX_POST)


@pytest.mark.parametrize(
    "text",
    [
        "See you at 7!\n\nBring a lamp.",
        "<b>not bold</b> & plain",
        "Xin chào các bạn",
        "שלום 👩‍👧 مرحبا",
        "https://a.example and www.b.example",
    ],
)
def test_plain_words_of_any_script_are_taken(text: str) -> None:
    assert clean_post(f"  {text}\r\n", longest=MAX_POST) == text


def test_names_are_one_line_and_hold_no_link() -> None:
    assert clean_line("name", "  Night \n sky ", longest=20) == "Night sky"
    for bad in ("", "x" * 21, "see http://a.example", "a\u202eb"):
        with pytest.raises(InvalidGroup, match="name"):
            clean_line("name", bad, longest=20)


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Night Sky!", "night-sky"), ("Café del Niño", "cafe-del-nino"), ("夜空", "group")],
)
def test_slugs_are_plain(name: str, slug: str) -> None:
    assert make_slug(name) == slug


@pytest.mark.parametrize(
    ("joining", "status", "move"),
    [
        (Joining.OPEN, None, Move.JOIN),
        (Joining.OPEN, MemberStatus.LEFT, Move.JOIN),
        (Joining.OPEN, MemberStatus.ASKED, Move.APPROVE),
        (Joining.BY_REQUEST, None, Move.ASK),
        (Joining.BY_REQUEST, MemberStatus.ASKED, None),
        (Joining.BY_REQUEST, MemberStatus.INVITED, Move.ACCEPT),
        (Joining.BY_INVITATION, MemberStatus.INVITED, Move.ACCEPT),
        (Joining.BY_INVITATION, MemberStatus.MEMBER, None),
    ],
)
def test_the_way_in_depends_on_the_group(
    joining: Joining, status: MemberStatus | None, move: Move | None
) -> None:
    assert find_way_in(joining, status) is move


def test_nobody_comes_uninvited_into_a_group_by_invitation() -> None:
    for status in (None, MemberStatus.LEFT, MemberStatus.REMOVED):
        with pytest.raises(JoiningRefused, match="by invitation"):
            find_way_in(Joining.BY_INVITATION, status)


def test_moves_begin_where_they_may() -> None:
    assert move_on(MemberStatus.ASKED, Move.DECLINE) is MemberStatus.LEFT
    with pytest.raises(MoveImpossible):
        move_on(MemberStatus.MEMBER, Move.APPROVE)
    with pytest.raises(MoveImpossible):
        move_on(None, Move.LEAVE)
    with pytest.raises(JoiningRefused):
        move_on(MemberStatus.REMOVED, Move.JOIN, is_banned=True)


def test_a_banned_person_is_no_member_by_the_household_either() -> None:
    home = GroupMember(status=MemberStatus.MEMBER, role=GroupRole.MEMBER)
    banned = GroupMember(status=MemberStatus.REMOVED, banned_at=EVENING_OF_SNOW)
    assert Standing(household=home).role is GroupRole.MEMBER
    assert Standing(own=banned, household=home).role is None
    left = GroupMember(status=MemberStatus.LEFT, role=GroupRole.ORGANIZER)
    assert Standing(own=left, household=home).role is GroupRole.MEMBER


def test_ways_are_measured_from_middle_to_middle_and_rounded() -> None:
    assert measure_m(CELL, CELL) == 0
    near = next(iter(h3.grid_ring(CELL, 1)))
    far = next(iter(h3.grid_ring(CELL, 20)))
    assert 200 <= measure_m(CELL, near) <= 500
    assert measure_m(CELL, near) % 100 == 0
    assert measure_m(CELL, far) % 500 == 0
    assert measure_m(CELL, far) == measure_m(far, CELL) > 2_000


def test_a_group_lies_in_the_middle_of_its_neighbourhood() -> None:
    cell = find_area_cell("cambridge", "Riverside")
    lat_deg, lon_deg = h3.cell_to_latlng(cell)
    assert abs(lat_deg - 42.37) < 0.02
    assert abs(lon_deg + 71.11) < 0.02
    with pytest.raises(InvalidGroup, match=r"it has: .*Riverside"):
        find_area_cell("cambridge", "Atlantis")

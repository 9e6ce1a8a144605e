"""How somebody comes into a group and out of it. Pure: a table of moves."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from campaigns.groups.errors import JoiningRefused, MoveImpossible
from campaigns.groups.kinds import Joining, MemberStatus


class Move(StrEnum):
    """What changes how somebody stands with a group."""

    JOIN = "join"
    ASK = "ask"
    INVITE = "invite"
    ACCEPT = "accept"
    APPROVE = "approve"
    DECLINE = "decline"
    LEAVE = "leave"
    REMOVE = "remove"


OUTSIDE = (None, MemberStatus.LEFT, MemberStatus.REMOVED)
"""Not with the group: never was, left, or was removed."""

_INTO: Mapping[Move, MemberStatus] = {
    Move.JOIN: MemberStatus.MEMBER,
    Move.ASK: MemberStatus.ASKED,
    Move.INVITE: MemberStatus.INVITED,
}

MOVES: Mapping[MemberStatus | None, Mapping[Move, MemberStatus]] = {
    None: _INTO,
    MemberStatus.LEFT: _INTO,
    MemberStatus.REMOVED: _INTO,
    MemberStatus.ASKED: {
        Move.APPROVE: MemberStatus.MEMBER,
        Move.INVITE: MemberStatus.MEMBER,
        Move.DECLINE: MemberStatus.LEFT,
        Move.LEAVE: MemberStatus.LEFT,
        Move.REMOVE: MemberStatus.REMOVED,
    },
    MemberStatus.INVITED: {
        Move.ACCEPT: MemberStatus.MEMBER,
        Move.LEAVE: MemberStatus.LEFT,
        Move.REMOVE: MemberStatus.REMOVED,
    },
    MemberStatus.MEMBER: {
        Move.LEAVE: MemberStatus.LEFT,
        Move.REMOVE: MemberStatus.REMOVED,
    },
}
"""Every move that there is, by how one stood before."""


def find_way_in(joining: Joining, status: MemberStatus | None) -> Move | None:
    """By which move a person who wants in gets further; None for who is in or waits already.

    Raises
    ------
    JoiningRefused
        When one has to be invited.
    """
    if status in (MemberStatus.MEMBER, MemberStatus.ASKED):
        if status is MemberStatus.ASKED and joining is Joining.OPEN:
            return Move.APPROVE
        return None
    if status is MemberStatus.INVITED:
        return Move.ACCEPT
    if joining is Joining.BY_INVITATION:
        raise JoiningRefused("This group takes members by invitation: ask one of its organizers.")
    return Move.JOIN if joining is Joining.OPEN else Move.ASK


def move_on(status: MemberStatus | None, move: Move, *, is_banned: bool = False) -> MemberStatus:
    """How somebody stands after a move.

    Raises
    ------
    MoveImpossible
        When this move does not begin there.
    JoiningRefused
        When the group does not take them back.
    """
    if is_banned and move in _INTO:
        raise JoiningRefused("The moderators of this group do not take this member back.")
    after = MOVES[status].get(move)
    if after is None:
        stands = "not with the group" if status is None else status.value
        raise MoveImpossible(f"{move.value} is not possible for who is {stands}: look again.")
    return after

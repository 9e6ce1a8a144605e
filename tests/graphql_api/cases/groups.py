"""Operations about groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from api.demo.town_groups import BOTH, CLOSED, FREE, JOINED, VOLUNTEERS
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]


def _group(town: Town, number: int = BOTH) -> str:
    return global_id("Group", town.groups.group_ids[number])


def _led(role: str) -> int:
    """Which group the role leads."""
    return VOLUNTEERS if role == "volunteer" else BOTH


def _of(rows: dict[UUID, UUID], town: Town, number: int, kind: str) -> str:
    return global_id(kind, rows[town.groups.group_ids[number]])


def _community(town: Town, role: str) -> Variables:
    return {"communityId": global_id("Community", town.community_id)}


def _input(**values: Any) -> Variables:
    return {"input": values}


def _about_group(operation: str, **more: Any) -> Case:
    """Something to read inside a group."""
    return Case(
        operation,
        lambda town, role: {"groupId": _group(town), "first": 100} | more,
        lambda town, other: {"groupId": _group(town, CLOSED), "first": 100} | more,
    )


def _about_led(operation: str, **more: Any) -> Case:
    """Something that organizers do."""
    return Case(
        operation,
        lambda town, role: _input(groupId=_group(town, _led(role)), **more),
        lambda town, other: _input(groupId=_group(town, CLOSED), **more),
    )


def _about_mine(operation: str, **more: Any) -> Case:
    """Something that a member does with their membership."""
    return Case(
        operation,
        lambda town, role: _input(groupId=_group(town, JOINED), **more),
        lambda town, other: _input(groupId=_group(town, CLOSED), **more),
    )


def _about_member(operation: str, rows_of: Callable[[Town], dict[UUID, UUID]], **more: Any) -> Case:
    """Something that is done with somebody of a group."""

    def find(town: Town, number: int) -> Variables:
        return _input(memberId=_of(rows_of(town), town, number, "GroupMember"), **more)

    return Case(
        operation,
        lambda town, role: find(town, _led(role)),
        lambda town, other: find(town, CLOSED),
    )


def _about_post(operation: str, **more: Any) -> Case:
    """Something that is done with a post."""

    def find(town: Town, number: int) -> Variables:
        return _input(postId=_of(town.groups.post_ids, town, number, "GroupPost"), **more)

    return Case(
        operation, lambda town, role: find(town, BOTH), lambda town, other: find(town, CLOSED)
    )


CASES: tuple[Case, ...] = (
    Case("everybody/list_groups", lambda town, role: _community(town, role) | {"first": 100}),
    Case("resident/my_groups", lambda town, role: {"first": 100}),
    Case("everybody/group", lambda town, role: {"groupId": _group(town)}),
    Case("resident/group_suggestions", _community),
    _about_group("everybody/group_members", status="MEMBER"),
    _about_group("everybody/group_posts", kind="DISCUSSION"),
    _about_group("everybody/group_reports", settled=False),
    Case(
        "everybody/group_replies",
        lambda town, role: {
            "postId": _of(town.groups.post_ids, town, BOTH, "GroupPost"),
            "first": 100,
        },
        lambda town, other: {
            "postId": _of(town.groups.post_ids, town, CLOSED, "GroupPost"),
            "first": 100,
        },
    ),
    Case(
        "everybody/create_group",
        lambda town, role: _input(
            communityId=global_id("Community", town.community_id),
            name="Evening walks",
            topic="walking",
            languages=["en", "es"],
            joining="BY_REQUEST",
        ),
    ),
    _about_led("everybody/change_group", summary="Stars and tea.", joining="BY_REQUEST"),
    _about_led("everybody/archive_group"),
    Case("staff/take_over_group", lambda town, role: _input(groupId=_group(town, FREE))),
    Case(
        "everybody/join_group",
        lambda town, role: _input(groupId=_group(town, FREE), showsName=True),
    ),
    _about_mine("everybody/change_group_membership", showsName=True, wantsNews=False),
    _about_mine("everybody/leave_group"),
    _about_member(
        "everybody/answer_group_request", lambda town: town.groups.asked_ids, approve=True
    ),
    _about_led("everybody/invite_to_group", email="somebody@mail.example"),
    _about_member("everybody/remove_group_member", lambda town: town.groups.member_ids, ban=True),
    _about_member("everybody/allow_back_into_group", lambda town: town.groups.banned_ids),
    _about_member(
        "everybody/set_group_role", lambda town: town.groups.member_ids, role="MODERATOR"
    ),
    Case(
        "everybody/post_in_group",
        lambda town, role: _input(groupId=_group(town), text="Who comes tonight?"),
        lambda town, other: _input(groupId=_group(town, CLOSED), text="Who comes tonight?"),
    ),
    _about_post("everybody/report_group_post", reason="UNKIND"),
    _about_post("everybody/hide_group_post", reason="OFF_TOPIC"),
    _about_post("everybody/keep_group_post"),
    _about_post("everybody/close_group_discussion", closed=True),
)

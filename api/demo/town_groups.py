"""The groups of a made-up town: who belongs to them, what was said, and what was reported."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

import h3.api.basic_int as h3

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.groups.kinds import (
    GroupRole,
    GroupStatus,
    HideReason,
    Joining,
    MemberStatus,
    PostKind,
)
from campaigns.groups.models import Group, GroupMember, GroupPost, GroupReport
from core.ids import new_id
from people.interests.models import Interest, PersonInterest

TOPIC = "night_sky"
MIDDLE = (42.3745, -71.1075)
BOTH, VOLUNTEERS, JOINED, FREE, CLOSED = range(5)


@dataclass
class TownGroups:
    """Adds groups; the ids of what it added.

    The first resident leads the first group, which the first volunteer moderates; the volunteer
    leads the second one. Both are members of the third, and of neither of the next two: the
    fourth is open, the fifth takes members by invitation. So are both members of `scale` further
    ones.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    group_ids: list[UUID] = field(default_factory=list)
    asked_ids: dict[UUID, UUID] = field(default_factory=dict)
    """Of each of the first five groups: somebody who asked, a member, somebody banned."""
    member_ids: dict[UUID, UUID] = field(default_factory=dict)
    banned_ids: dict[UUID, UUID] = field(default_factory=dict)
    post_ids: dict[UUID, UUID] = field(default_factory=dict)
    """Of the same groups: a discussion that somebody else began."""

    def add_all(self) -> None:
        """Everything; the first group has the most members, posts and reports."""
        people, scale = self.people, self.people.scale
        resident_id, volunteer_id = people.resident_ids[0], people.volunteer_person_ids[0]
        other_id = people.volunteer_person_ids[1]
        self._add_interest(resident_id, volunteer_id)
        for number in range(5):
            joining = Joining.BY_INVITATION if number == CLOSED else Joining.OPEN
            self._add_group(number, joining, other_id)
        self._add_member(self.group_ids[BOTH], resident_id, GroupRole.ORGANIZER)
        self._add_member(self.group_ids[BOTH], volunteer_id, GroupRole.MODERATOR)
        self._add_member(self.group_ids[VOLUNTEERS], volunteer_id, GroupRole.ORGANIZER)
        self._add_member(self.group_ids[JOINED], resident_id)
        self._add_member(self.group_ids[JOINED], volunteer_id)
        for group_id in self.group_ids[:5]:
            self._add_others(group_id)
        for person_id in people.volunteer_person_ids[4:]:
            self._add_member(self.group_ids[BOTH], person_id, shows_name=True)
        self._add_talk(self.group_ids[BOTH], other_id)
        for number in range(5, 5 + 2 * scale):
            self._add_group(number, Joining.OPEN, other_id)
            if number < 5 + scale:
                self._add_member(self.group_ids[number], resident_id)
                self._add_member(self.group_ids[number], volunteer_id)

    def _add_interest(self, *person_ids: UUID) -> None:
        community_id = self.people.community.id
        self.rows.add(
            Interest(
                id=new_id(),
                community_id=community_id,
                code=TOPIC,
                label="Night sky",
                created_at=self.people.since,
            )
        )
        for person_id in person_ids:
            self.rows.add(
                PersonInterest(
                    person_id=person_id,
                    community_id=community_id,
                    topic=TOPIC,
                    stated_at=self.people.since,
                )
            )

    def _add_group(self, number: int, joining: Joining, organizer_id: UUID) -> None:
        slug = self.people.community.slug
        lat_deg, lon_deg = MIDDLE
        row = Group(
            id=new_id(),
            community_id=self.people.community.id,
            slug=f"sky-{number + 1}",
            name=f"{slug.title()} sky {number + 1:03}",
            summary=f"Looking at the stars of {slug}.",
            topic=TOPIC,
            area=self.people.areas[number % len(self.people.areas)],
            cell=h3.latlng_to_cell(lat_deg + 0.002 * (number % 10), lon_deg, 9),
            languages=["en"],
            joining=joining,
            status=GroupStatus.ACTIVE,
            created_by=organizer_id,
            created_at=self.people.since,
        )
        self.rows.add(row)
        self.group_ids.append(row.id)
        self._add_member(row.id, organizer_id, GroupRole.ORGANIZER)

    def _add_member(
        self,
        group_id: UUID,
        person_id: UUID,
        role: GroupRole = GroupRole.MEMBER,
        status: MemberStatus = MemberStatus.MEMBER,
        *,
        shows_name: bool = False,
    ) -> UUID:
        since = self.people.since
        row = GroupMember(
            id=new_id(),
            group_id=group_id,
            person_id=person_id,
            role=role,
            status=status,
            shows_name=shows_name,
            wants_news=True,
            asked_at=since,
            joined_at=since if status is MemberStatus.MEMBER else None,
            banned_at=since if status is MemberStatus.REMOVED else None,
        )
        self.rows.add(row)
        return row.id

    def _add_others(self, group_id: UUID) -> None:
        people = self.people
        asking, member = people.resident_ids[1], people.volunteer_person_ids[2]
        self.asked_ids[group_id] = self._add_member(group_id, asking, status=MemberStatus.ASKED)
        self.member_ids[group_id] = self._add_member(group_id, member, shows_name=True)
        self.banned_ids[group_id] = self._add_member(
            group_id, people.volunteer_person_ids[3], status=MemberStatus.REMOVED
        )
        self.post_ids[group_id] = self._add_post(
            group_id, PostKind.DISCUSSION, people.volunteer_person_ids[1], 0
        ).id

    def _add_post(
        self,
        group_id: UUID,
        kind: PostKind,
        author_id: UUID,
        number: int,
        head: GroupPost | None = None,
    ) -> GroupPost:
        row = GroupPost(
            id=new_id(),
            group_id=group_id,
            parent_id=None if head is None else head.id,
            kind=kind,
            author_id=author_id,
            text=f"The sky over {self.people.community.slug} was clear, {number}.",
            posted_at=self.now - timedelta(days=2, minutes=number),
            reply_count=0,
        )
        if head is not None:
            head.reply_count += 1
        self.rows.add(row)
        return row

    def _add_talk(self, group_id: UUID, author_id: UUID) -> None:
        """Announcements, discussions, replies and reports, `scale` of each."""
        reporter_id = self.people.volunteer_person_ids[2]
        for number in range(self.people.scale):
            self._add_post(group_id, PostKind.ANNOUNCEMENT, author_id, number)
            post = self._add_post(group_id, PostKind.DISCUSSION, author_id, number)
            self.rows.add(
                GroupReport(
                    id=new_id(),
                    group_id=group_id,
                    post_id=post.id,
                    reporter_id=reporter_id,
                    reason=HideReason.OFF_TOPIC,
                    reported_at=self.now,
                )
            )
        head = next(row for row in self.rows.waiting if _has_id(row, self.post_ids[group_id]))
        for number in range(self.people.scale):
            self._add_post(group_id, PostKind.REPLY, reporter_id, number, head)


def _has_id(row: object, key: UUID) -> bool:
    return isinstance(row, GroupPost) and row.id == key

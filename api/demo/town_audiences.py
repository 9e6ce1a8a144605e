"""What people of a made-up town care about, segments of them, and surveys that they were asked."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import UUID

from api.demo.town_people import TownPeople
from api.demo.town_rows import TownRows
from campaigns.audiences.definitions import read_definition, write_definition
from campaigns.audiences.models import Segment, SegmentVersion
from campaigns.pulse.answering import LINK_ACTION
from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion
from core.ids import new_id
from people.interests.models import Interest, PersonInterest
from people.kinds import Purpose
from people.link_models import Link
from people.links import TOKEN_BYTES, digest_token
from people.models import Consent

TOPICS = (("cycling", "Cycling", "Bicicleta"), ("repairs", "Repairing things", "Reparar cosas"))
OPEN, CLOSED, OTHERS, DRAFT = range(4)
WEEK = timedelta(days=7)


@dataclass
class TownAudiences:
    """Adds interests, segments and surveys; the ids of what it added.

    Everybody but the first resident and the first volunteer agreed to hear of campaigns. Of the
    surveys the first is open, the second closed, both for everybody; the third is open for
    everybody but those two, the fourth is a draft; `scale` more are closed.
    """

    rows: TownRows
    people: TownPeople
    now: datetime
    segment_ids: list[UUID] = field(default_factory=list)
    version_ids: list[UUID] = field(default_factory=list)
    """The version of each segment."""
    survey_ids: list[UUID] = field(default_factory=list)
    choice_ids: dict[UUID, UUID] = field(default_factory=dict)
    """The first question of each survey."""
    text_ids: list[UUID] = field(default_factory=list)
    """What people wrote in own words."""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(TOKEN_BYTES))
    """Of the link with which the first resident may answer the open survey."""

    def add_all(self) -> None:
        """Everything."""
        people = self.people
        everybody = [*people.resident_ids, *people.volunteer_person_ids]
        firsts = {people.resident_ids[0], people.volunteer_person_ids[0]}
        others = [person_id for person_id in everybody if person_id not in firsts]
        self._add_interests(others)
        for number in range(people.scale):
            self._add_segment(number)
        asked = {OPEN: everybody, CLOSED: everybody, OTHERS: others, DRAFT: []}
        for number in range(4 + people.scale):
            self._add_survey(number, asked.get(number, everybody[:12]))
        self.rows.add(
            Link(
                token_digest=digest_token(self.token),
                action=LINK_ACTION,
                person_id=people.resident_ids[0],
                subject_id=self.survey_ids[OPEN],
                created_at=self.now,
                expires_at=self.now + 2 * WEEK,
            )
        )

    def _add_interests(self, person_ids: list[UUID]) -> None:
        community_id, since = self.people.community.id, self.people.since
        for code, label, label_es in TOPICS:
            self.rows.add(
                Interest(
                    id=new_id(),
                    community_id=community_id,
                    code=code,
                    label=label,
                    label_es=label_es,
                    created_at=since,
                )
            )
        for person_id in person_ids:
            self.rows.add(
                PersonInterest(
                    person_id=person_id,
                    community_id=community_id,
                    topic="cycling",
                    stated_at=since,
                )
            )
            self.rows.add(
                Consent(
                    person_id=person_id,
                    community_id=community_id,
                    purpose=Purpose.CAMPAIGNS,
                    text_version="demo-1",
                    granted=True,
                    recorded_by=person_id,
                    recorded_at=since,
                    source="form",
                )
            )

    def _add_segment(self, number: int) -> None:
        segment = Segment(
            id=new_id(),
            community_id=self.people.community.id,
            name=f"Cyclists {number + 1}",
            note="",
            created_by=self.people.manager_id,
            created_at=self.people.since,
        )
        definition = read_definition({"where": {"type": "interest", "topics": ["cycling"]}})
        version = SegmentVersion(
            id=new_id(),
            segment_id=segment.id,
            number=1,
            definition=write_definition(definition),
            created_by=self.people.manager_id,
            created_at=self.people.since,
        )
        self.rows.add(segment)
        self.rows.add(version)
        self.segment_ids.append(segment.id)
        self.version_ids.append(version.id)

    def _add_survey(self, number: int, asked: list[UUID]) -> None:
        status = {
            OPEN: SurveyStatus.OPEN,
            OTHERS: SurveyStatus.OPEN,
            DRAFT: SurveyStatus.DRAFT,
        }.get(number, SurveyStatus.CLOSED)
        is_closed = status is SurveyStatus.CLOSED
        begun_at = self.now - 2 * WEEK
        survey = Survey(
            id=new_id(),
            community_id=self.people.community.id,
            segment_version_id=self.version_ids[0],
            purpose=Purpose.CAMPAIGNS,
            status=status,
            words={
                "en": {"title": f"The tool depot {number + 1}", "intro": ""},
                "es": {"title": f"El depósito {number + 1}", "intro": ""},
            },
            min_graded=30,
            opens_at=begun_at,
            closes_at=self.now + (-WEEK if is_closed else WEEK),
            opened_at=None if status is SurveyStatus.DRAFT else begun_at,
            closed_at=self.now - WEEK if is_closed else None,
            created_by=self.people.manager_id,
            created_at=begun_at,
        )
        self.rows.add(survey)
        self.survey_ids.append(survey.id)
        choice_id, text_id = self._add_questions(survey.id)
        self.choice_ids[survey.id] = choice_id
        for place, person_id in enumerate(asked):
            self._add_invitation(survey, person_id, place, (choice_id, text_id))

    def _add_questions(self, survey_id: UUID) -> tuple[UUID, UUID]:
        choice = SurveyQuestion(
            id=new_id(),
            survey_id=survey_id,
            position=1,
            kind=QuestionKind.CHOICE,
            words={
                "en": {"text": "Should it move?", "options": {"yes": "Yes", "no": "No"}},
                "es": {"text": "¿Debe mudarse?", "options": {"yes": "Sí", "no": "No"}},
            },
            options=["yes", "no"],
        )
        text = SurveyQuestion(
            id=new_id(),
            survey_id=survey_id,
            position=2,
            kind=QuestionKind.TEXT,
            words={
                "en": {"text": "Why?", "options": {}},
                "es": {"text": "¿Por qué?", "options": {}},
            },
            options=[],
        )
        self.rows.add(choice)
        self.rows.add(text)
        return choice.id, text.id

    def _add_invitation(
        self, survey: Survey, person_id: UUID, place: int, question_ids: tuple[UUID, UUID]
    ) -> None:
        has_answered = survey.status is SurveyStatus.CLOSED
        areas = self.people.areas
        invitation = SurveyInvitation(
            id=new_id(),
            survey_id=survey.id,
            person_id=person_id,
            area=areas[place % len(areas)],
            invited_at=survey.opens_at,
            told_at=survey.opens_at,
            answered_at=survey.opens_at if has_answered else None,
        )
        self.rows.add(invitation)
        if not has_answered:
            return
        choice_id, text_id = question_ids
        self.rows.add(
            SurveyAnswer(
                invitation_id=invitation.id,
                question_id=choice_id,
                choice="no" if place % 3 == 0 else "yes",
                answered_at=survey.opens_at,
            )
        )
        said = SurveyAnswer(
            id=new_id(),
            invitation_id=invitation.id,
            question_id=text_id,
            text=f"Because of reason {place + 1}.",
            review=TextReview.WAITING,
            answered_at=survey.opens_at,
        )
        self.rows.add(said)
        self.text_ids.append(said.id)

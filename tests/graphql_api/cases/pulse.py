"""Operations about surveys."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from api.demo.town_audiences import CLOSED, DRAFT, OPEN, OTHERS
from tests.conftest import EVENING_OF_SNOW
from tests.graphql_api.asking import global_id
from tests.graphql_api.cases.case import Case

if TYPE_CHECKING:
    from tests.factories.town import Town

Variables = dict[str, Any]


def _community(town: Town) -> str:
    return global_id("Community", town.community_id)


def _survey(town: Town, number: int) -> str:
    return global_id("Survey", town.audiences.survey_ids[number])


def _about(town: Town, number: int, **more: Any) -> Variables:
    return {"input": {"surveyId": _survey(town, number)} | more}


def _answers(town: Town, number: int) -> list[Variables]:
    question_id = town.audiences.choice_ids[town.audiences.survey_ids[number]]
    return [{"questionId": global_id("SurveyQuestion", question_id), "choice": "yes"}]


def _new_survey(town: Town) -> Variables:
    return {
        "input": {
            "communityId": _community(town),
            "segmentVersionId": global_id("SegmentVersion", town.audiences.version_ids[0]),
            "words": [{"language": "en", "title": "Benches"}],
            "questions": [
                {
                    "kind": "CHOICE",
                    "options": ["yes", "no"],
                    "words": [{"language": "en", "text": "More benches?", "labels": ["Yes", "No"]}],
                }
            ],
            "closesAt": (EVENING_OF_SNOW + timedelta(days=7)).isoformat(),
        }
    }


CASES: tuple[Case, ...] = (
    Case(
        "resident/surveys",
        lambda town, role: {"communityId": _community(town), "first": 100},
    ),
    Case(
        "resident/survey",
        lambda town, role: {"surveyId": _survey(town, OPEN)},
        lambda town, other: {"surveyId": _survey(town, OTHERS)},
    ),
    Case(
        "resident/survey_results",
        lambda town, role: {"surveyId": _survey(town, CLOSED)},
        lambda town, other: {"surveyId": _survey(town, OTHERS)},
    ),
    Case("everybody/survey_by_link", lambda town, role: {"token": town.audiences.token}),
    Case(
        "everybody/answer_survey_by_link",
        lambda town, role: {
            "input": {"token": town.audiences.token, "answers": _answers(town, OPEN)}
        },
    ),
    Case(
        "resident/answer_survey",
        lambda town, role: _about(town, OPEN, answers=_answers(town, OPEN)),
        lambda town, other: _about(town, OTHERS, answers=_answers(town, OTHERS)),
    ),
    Case(
        "resident/take_back_survey_answers",
        lambda town, role: _about(town, OPEN),
        lambda town, other: _about(town, OTHERS),
    ),
    Case("staff/survey_texts", lambda town, role: {"surveyId": _survey(town, CLOSED)}),
    Case(
        "staff/review_survey_text",
        lambda town, role: {
            "input": {
                "answerId": global_id("SurveyText", town.audiences.text_ids[0]),
                "hide": True,
            }
        },
    ),
    Case("staff/write_survey", lambda town, role: _new_survey(town)),
    Case("staff/open_survey", lambda town, role: _about(town, DRAFT, everybodyConfirmed=True)),
    Case("staff/close_survey", lambda town, role: _about(town, OPEN)),
    Case("staff/cancel_survey", lambda town, role: _about(town, OPEN)),
)

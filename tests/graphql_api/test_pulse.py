"""Surveys through the API, and the page behind the link of an invitation."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from api.demo.town_audiences import CLOSED, OPEN
from campaigns.pulse.models import SurveyAnswer, SurveyInvitation
from core.clock import FixedClock
from core.db import Database
from people.auth import Actor
from people.kinds import Role
from tests.factories.people import actor_as
from tests.factories.town import Town, seed_town
from tests.graphql_api.asking import Asker, global_id, read_operation
from tests.town_pages import SITE, Client, open_client

OURS = {"origin": SITE, "sec-fetch-site": "same-origin"}


@pytest.fixture
async def town(database: Database, clock: FixedClock) -> Town:
    return await seed_town(database, clock)


@pytest.fixture
def asker(database: Database, clock: FixedClock) -> Asker:
    return Asker(database, clock)


@pytest.fixture
async def client(database_url: str, clock: FixedClock) -> AsyncIterator[Client]:
    async with open_client(database_url, clock) as opened:
        yield opened


def resident_of(town: Town) -> Actor:
    return actor_as(Role.RESIDENT, town.community_id, town.resident_ids[0])


def survey_id(town: Town, number: int) -> str:
    return global_id("Survey", town.audiences.survey_ids[number])


async def kept_answers(database: Database, town: Town) -> list[str | None]:
    """What the first resident answered to the open survey."""
    async with database.read() as session:
        rows = await session.scalars(
            select(SurveyAnswer)
            .join(SurveyInvitation, SurveyInvitation.id == SurveyAnswer.invitation_id)
            .where(
                SurveyInvitation.survey_id == town.audiences.survey_ids[OPEN],
                SurveyInvitation.person_id == town.resident_ids[0],
            )
            .order_by(SurveyAnswer.choice.is_(None))
        )
        return [row.choice or row.text for row in rows]


async def test_answering_signed_in_and_anew(asker: Asker, town: Town, database: Database) -> None:
    question_id = town.audiences.choice_ids[town.audiences.survey_ids[OPEN]]
    for choice in ("yes", "no"):
        answers = [{"questionId": global_id("SurveyQuestion", question_id), "choice": choice}]
        answer = await asker.ask(
            read_operation("resident/answer_survey"),
            resident_of(town),
            input={"surveyId": survey_id(town, OPEN), "answers": answers},
        )
        assert answer.data == {"answerSurvey": {"isAnswered": True}}
    assert await kept_answers(database, town) == ["no"]
    answer = await asker.ask(
        read_operation("resident/survey"), resident_of(town), surveyId=survey_id(town, OPEN)
    )
    assert answer.data is not None, answer.errors
    assert [row["choice"] for row in answer.data["survey"]["myAnswers"]] == ["no"]
    assert answer.data["survey"]["isForMe"] is True


@pytest.mark.parametrize(
    "values",
    [{}, {"choice": "maybe"}, {"scale": 3}, {"choice": "yes", "text": "Both"}],
)
async def test_answers_that_do_not_fit_are_problems(
    asker: Asker, town: Town, values: dict[str, Any]
) -> None:
    question_id = town.audiences.choice_ids[town.audiences.survey_ids[OPEN]]
    answers = [{"questionId": global_id("SurveyQuestion", question_id), **values}]
    answer = await asker.ask(
        read_operation("resident/answer_survey"),
        resident_of(town),
        input={"surveyId": survey_id(town, OPEN), "answers": answers},
    )
    assert answer.data is not None, answer.errors
    assert answer.data["answerSurvey"]["code"] == "invalid_answer"


async def test_results_say_shares_and_what_is_not_known(asker: Asker, town: Town) -> None:
    """All 20 people of the town answered, every third one no."""
    answer = await asker.ask(
        read_operation("resident/survey_results"),
        resident_of(town),
        surveyId=survey_id(town, CLOSED),
    )
    assert answer.data is not None, answer.errors
    found = answer.data["surveyResults"]
    assert (found["invitedCount"], found["response"]["count"]) == (20, 20)
    depot, why = found["questions"]
    assert [
        (row["option"], row["amongAnswers"]["count"], row["amongAnswers"]["ofCount"])
        for row in depot["options"]
    ] == [("yes", 13, 20), ("no", 7, 20)]
    assert why["options"] == []
    assert found["caveat"].startswith("Everybody who was asked answered.")


async def test_an_open_survey_has_no_results(asker: Asker, town: Town) -> None:
    answer = await asker.ask(
        read_operation("resident/survey_results"),
        actor_as(Role.MANAGER, town.community_id, town.manager_id),
        surveyId=survey_id(town, OPEN),
    )
    assert answer.errors
    assert answer.data is None or answer.data["surveyResults"] is None


async def test_the_page_of_a_link(
    client: Client, town: Town, database: Database, clock: FixedClock
) -> None:
    path = f"/l/{town.audiences.token}"
    page = await client.get(path)
    assert page.status_code == 200
    assert "The tool depot 1" in page.text
    assert "Should it move?" in page.text
    assert await kept_answers(database, town) == []
    spanish = await client.get(f"{path}?lang=es")
    assert "¿Debe mudarse?" in spanish.text
    assert "Enviar mis respuestas" in spanish.text
    form = {"do": "answer", "q1": "no", "q2": "<b>Too far</b>"}
    pressed = await client.post(path, data=form, headers=OURS, follow_redirects=True)
    assert "Thank you. Your answers are kept." in pressed.text
    assert "<b>Too far</b>" not in pressed.text
    assert await kept_answers(database, town) == ["no", "<b>Too far</b>"]
    wrong = await client.post(path, data=form | {"q1": "maybe"}, headers=OURS)
    assert wrong.status_code == 422
    taken = await client.post(path, data={"do": "take_back"}, headers=OURS, follow_redirects=True)
    assert "Your answers are removed." in taken.text
    assert await kept_answers(database, town) == []
    clock.advance(timedelta(days=7) - timedelta(seconds=1))
    assert "Your answers are kept." in (await client.post(path, data=form, headers=OURS)).text
    clock.advance(timedelta(seconds=1))
    assert (await client.post(path, data=form, headers=OURS)).status_code == 409
    assert len(await kept_answers(database, town)) == 2

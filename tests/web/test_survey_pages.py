"""The pages on which managers ask people: a survey from its draft to what was found."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select

from campaigns.audiences.definitions import Definition
from campaigns.audiences.segments import SaveSegment, save_segment
from campaigns.pulse.answering import AnswerSurvey, answer_survey
from campaigns.pulse.kinds import QuestionKind, SurveyStatus, TextReview
from campaigns.pulse.models import Survey, SurveyAnswer, SurveyInvitation, SurveyQuestion
from campaigns.pulse.repository import list_questions
from people.auth import Actor
from people.models import Community
from tests.factories.audiences import add_listeners
from tests.town_pages import OURS, Pages, read_token

SYSTEM = Actor.system()
NEW = "/staff/surveys/new"


async def press(
    pages: Pages, path: str, who: dict[str, str], form: dict[str, Any], *, page: str = NEW
) -> Any:
    """Fill in a form as a browser does. ``page`` is where its token stands."""
    token = read_token((await pages.get(page, who)).text)
    return await pages.client.post(
        path, data={"csrf": token, **form}, headers=who | OURS, follow_redirects=False
    )


async def add_audience(pages: Pages, *, people: int) -> tuple[UUID, list[UUID]]:
    """A saved description of everybody who agreed, and that many more of them."""
    async with pages.database.begin() as session:
        town = await session.get_one(Community, pages.here.community_id)
        added = await add_listeners(session, town, people)
        command = SaveSegment(town.id, "All who agreed", Definition())
        _, version = await save_segment(session, SYSTEM, command, now=pages.clock.now())
        return version.id, [person.id for person in added]


def written(version_id: UUID, pages: Pages, **more: str) -> dict[str, str]:
    """A survey in both languages with one question of each kind."""
    day = (pages.clock.now() + timedelta(days=9)).date().isoformat()
    return {
        "do": "keep",
        "title_en": "The tool depot",
        "title_es": "El depósito",
        "kind-0": "choice",
        "text_en-0": "Should it move?",
        "text_es-0": "¿Debe mudarse?",
        "options_en-0": "Yes\r\nNo\r\n",
        "options_es-0": "Sí\r\nNo",
        "kind-1": "scale",
        "text_en-1": "How useful is it?",
        "text_es-1": "¿Cuánto le sirve?",
        "kind-2": "text",
        "text_en-2": "Why?",
        "text_es-2": "¿Por qué?",
        "audience": str(version_id),
        "purpose": "campaigns",
        "closes": day,
        "min_graded": "30",
    } | more


async def find_all(pages: Pages, table: Any) -> list[Any]:
    async with pages.database.read() as session:
        return list(await session.scalars(select(table)))


async def new_survey(pages: Pages) -> Survey:
    """The one that a page made: the newest draft of this town."""
    async with pages.database.read() as session:
        row = await session.scalar(
            select(Survey)
            .where(
                Survey.community_id == pages.here.community_id,
                Survey.created_by == pages.here.manager_id,
            )
            .order_by(Survey.created_at.desc(), Survey.id.desc())
        )
    assert row is not None
    return row


async def test_who_sees_the_surveys_of_a_town(pages: Pages) -> None:
    version_id, _ = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    await press(pages, NEW, manager, written(version_id, pages))
    own = f"/staff/surveys/{(await new_survey(pages)).id}"
    who = {
        "stranger": {},
        "member": await pages.as_person(pages.here.resident_ids[0]),
        "foreign": await pages.as_person(pages.there.manager_id),
        "coordinator": await pages.as_person(pages.here.coordinator_id),
        "manager": manager,
    }
    expected = {
        "/staff/surveys": (303, 403, 200, 200, 200),
        "/staff/surveys/new": (303, 403, 200, 403, 200),
        own: (303, 403, 404, 200, 200),
        f"{own}/edit": (303, 403, 404, 403, 200),
        f"{own}/ask": (303, 403, 404, 403, 200),
        f"{own}/do/cancel": (303, 403, 404, 403, 200),
        f"{own}/do/close": (303, 403, 404, 403, 404),
        f"{own}/results.csv": (303, 403, 404, 409, 409),
    }
    for path, statuses in expected.items():
        seen = [
            (await pages.client.get(path, headers=headers, follow_redirects=False)).status_code
            for headers in who.values()
        ]
        assert tuple(seen) == statuses, path
    for one in ("coordinator", "foreign"):
        for step in ("edit", "ask", "do/cancel"):
            page = "/account" if one == "coordinator" else "/staff/surveys/new"
            answer = await press(pages, f"{own}/{step}", who[one], {"do": "ask"}, page=page)
            assert answer.status_code in (403, 404), (one, step)
    no_token = await pages.client.post(NEW, data=written(version_id, pages), headers=manager)
    assert no_token.status_code == 403
    assert (await new_survey(pages)).status is SurveyStatus.DRAFT


async def test_what_is_missing_stands_at_its_field_and_nothing_is_kept(pages: Pages) -> None:
    version_id, _ = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    before = len(await find_all(pages, Survey))
    cases = [
        ({"title_en": "", "title_es": ""}, "Write a title, for example The tool depot"),
        ({"text_es-1": ""}, "Write what you ask, in 1 to 300 letters"),
        ({"options_en-0": "Yes"}, "Write 2 to 10 different answers, one on each line"),
        ({"options_en-0": "Yes\nNo\nMaybe"}, "Write as many answers as in the other language"),
        ({"audience": ""}, "Choose whom to ask"),
        ({"audience": "nonsense"}, "Choose whom to ask"),
        ({"closes": "2001-01-01"}, "Choose a day from today on, at most 90 days from now"),
        ({"closes": "soon"}, "Choose a day from today on, at most 90 days from now"),
        ({"closes": "9999-12-31"}, "Choose a day from today on, at most 90 days from now"),
        ({"min_graded": "3"}, "Write a number from 10 to 1,000"),
    ]
    for change, words in cases:
        answer = await press(pages, NEW, manager, written(version_id, pages, **change))
        assert answer.status_code == 422, change
        assert answer.text.count(words) >= 2, change
        assert "Should it move?" in answer.text
    empty = await press(pages, NEW, manager, {"do": "keep"})
    assert empty.status_code == 422
    spanish = await press(
        pages, f"{NEW}?lang=es", manager, written(version_id, pages, audience=""), page=NEW
    )
    assert "Elija a quién preguntar" in spanish.text
    assert len(await find_all(pages, Survey)) == before


async def test_the_form_of_a_new_survey_is_one_draft_however_often_it_is_sent(
    pages: Pages,
) -> None:
    version_id, _ = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    before = len(await find_all(pages, Survey))
    key = re.findall(r'name="key" value="([^"]+)"', (await pages.get(NEW, manager)).text)[0]
    more = await press(pages, NEW, manager, {"do": "add", "key": key})
    assert f'name="key" value="{key}"' in more.text
    form = written(version_id, pages, key=key)
    twice = await asyncio.gather(*[press(pages, NEW, manager, form) for _ in range(2)])
    later = await press(pages, NEW, manager, form | {"title_en": "The new depot"})
    for done in (*twice, later):
        assert done.headers["location"] == f"/staff/surveys/{key}?said=kept"
    assert len(await find_all(pages, Survey)) == before + 1
    row = await new_survey(pages)
    assert (str(row.id), row.words["en"]["title"]) == (key, "The new depot")
    async with pages.database.read() as session:
        assert len(await list_questions(session, row.id)) == 3
    foreign = await pages.as_person(pages.there.manager_id)
    refused = await press(pages, NEW, foreign, form)
    assert refused.status_code in (404, 422)
    assert (await new_survey(pages)).words == row.words
    assert (await pages.get("/staff/surveys?after=x", manager)).status_code == 200


async def test_questions_are_added_and_taken_away_and_a_draft_is_written_anew(
    pages: Pages,
) -> None:
    version_id, _ = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    form = written(version_id, pages)
    more = await press(pages, NEW, manager, form | {"do": "add"})
    assert "Question 4" in more.text
    assert "¿Debe mudarse?" in more.text
    less = await press(pages, NEW, manager, form | {"do": "remove-0"})
    assert "Question 3" not in less.text
    assert "Should it move?" not in less.text
    seen = await press(pages, NEW, manager, form | {"do": "look"})
    assert seen.status_code == 200
    assert "It reaches about" in seen.text
    none = await press(pages, NEW, manager, form | {"do": "look", "audience": ""})
    assert none.status_code == 422

    kept = await press(pages, NEW, manager, form | {"title_es": "", "options_es-0": ""})
    assert kept.status_code == 422  # Spanish was begun
    english = {name: text for name, text in form.items() if "_es" not in name}
    kept = await press(pages, NEW, manager, english)
    row = await new_survey(pages)
    path = f"/staff/surveys/{row.id}"
    assert kept.headers["location"] == f"{path}?said=kept"
    assert set(row.words) == {"en"}
    for _ in range(2):
        done = await press(pages, f"{path}/edit", manager, form | {"title_en": "Anew"})
        assert done.headers["location"] == f"{path}?said=kept"
    row = await new_survey(pages)
    assert row.words["en"]["title"] == "Anew"
    async with pages.database.read() as session:
        questions = await list_questions(session, row.id)
    assert [one.kind for one in questions] == list(QuestionKind)
    assert questions[0].words["es"]["options"] == {"a1": "Sí", "a2": "No"}
    shown = (await pages.get(f"{path}/edit", manager)).text
    assert ">Yes\nNo</textarea>" in shown


async def test_a_survey_is_asked_once_closed_and_read(pages: Pages) -> None:
    version_id, people = await add_audience(pages, people=60)
    manager = await pages.as_person(pages.here.manager_id)
    await press(pages, NEW, manager, written(version_id, pages))
    row = await new_survey(pages)
    path = f"/staff/surveys/{row.id}"
    look = await press(pages, f"{path}/ask", manager, {"do": "look"})
    assert "It reaches about" in look.text
    asked = await press(pages, f"{path}/ask", manager, {"do": "ask"})
    if asked.status_code == 422:
        assert asked.text.count("This goes to nearly everybody: say that you mean it") == 2
        assert (await new_survey(pages)).status is SurveyStatus.DRAFT
    for _ in range(2):
        asked = await press(pages, f"{path}/ask", manager, {"do": "ask", "everybody": "1"})
        assert asked.status_code == 303
    async with pages.database.read() as session:
        invited = await session.scalar(
            select(func.count()).where(SurveyInvitation.survey_id == row.id)
        )
    assert invited is not None
    assert invited >= 60
    page = (await pages.get(path, manager)).text
    assert f"We asked {invited} people" in page
    assert "/edit" not in page
    assert (await pages.get(f"{path}/edit", manager)).status_code == 404

    await answer_all(pages, row.id, people[:40])
    assert "of 100" not in (await pages.get(path, manager)).text
    for _ in range(2):
        closed = await press(pages, f"{path}/do/close", manager, {})
        assert closed.headers["location"] == f"{path}?said=close"
    page = (await pages.get(path, manager)).text
    assert f"40 of {invited} people answered" in page
    assert "75 of 100" in page
    assert "Grade B" in page
    assert "Because 7" in page
    for person_id in people[:3]:
        assert str(person_id) not in page
    coordinator = await pages.as_person(pages.here.coordinator_id)
    other = (await pages.get(path, coordinator)).text
    assert "75 of 100" in other
    assert "Because 7" not in other
    spanish = (await pages.get(f"{path}?lang=es", manager)).text
    assert "¿Debe mudarse?" in spanish
    file = await pages.get(f"{path}/results.csv?lang=en", manager)
    assert file.headers["content-type"].startswith("text/csv")
    lines = file.content.decode("utf-8-sig").splitlines()
    assert lines[1].startswith("Should it move?,Yes,30,40,0.7500,")
    assert len(lines) == 1 + 2 + 5
    assert "Because" not in file.text


async def answer_all(pages: Pages, survey_id: UUID, people: list[UUID]) -> None:
    """A quarter says no; all grade it with 4 and write something."""
    async with pages.database.begin() as session:
        depot, useful, why = await list_questions(session, survey_id)
        for number, person_id in enumerate(people):
            said: dict[UUID, str | int] = {
                depot.id: "a2" if number % 4 == 0 else "a1",
                useful.id: 4,
                why.id: f"Because {number}",
            }
            command = AnswerSurvey(survey_id, said)
            await answer_survey(session, Actor(person_id=person_id), command, now=pages.clock.now())


async def test_all_own_words_are_read_page_by_page(
    pages: Pages, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nobody looked at comes first; the words themselves never stand in an address."""
    monkeypatch.setattr("web.pages.organizing.survey_file.SHOWN_TEXTS", 3)
    version_id, people = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    await press(pages, NEW, manager, written(version_id, pages))
    path = f"/staff/surveys/{(await new_survey(pages)).id}"
    await press(pages, f"{path}/ask", manager, {"do": "ask", "everybody": "1"})
    await answer_all(pages, (await new_survey(pages)).id, people[:7])
    await press(pages, f"{path}/do/close", manager, {})
    seen, walked = await walk_words(pages, manager, path)
    assert seen == [f"Because {number}" for number in range(7)]
    assert len(walked) == 3
    assert not any("Because" in address for address in walked)

    second = walked[1]
    button = re.findall(r'name="hide" value="([^"]+)"', (await pages.get(second, manager)).text)[0]
    after = re.findall(r"words=([^#&]+)", second)[0]
    form = {"hide": button, "after": after}
    done = await press(pages, f"{path}/words", manager, form, page=path)
    assert done.headers["location"] == f"{path}?words={after}&said=words_hidden#words"
    assert "Put aside.</span>" in (await pages.get(done.headers["location"], manager)).text
    kept = re.findall(r'name="keep" value="([^"]+)"', (await pages.get(path, manager)).text)[0]
    done = await press(pages, f"{path}/words", manager, {"keep": kept}, page=path)
    assert done.headers["location"] == f"{path}?said=words_kept#words"
    seen, _ = await walk_words(pages, manager, path)
    assert seen == [f"Because {number}" for number in (1, 2, 4, 5, 6, 0, 3)]
    for nonsense in ({}, {"hide": "x"}, {"keep": ""}):
        refused = await press(pages, f"{path}/words", manager, nonsense, page=path)
        assert refused.status_code == 404
    assert (await pages.get(f"{path}?words={pages.here.manager_id}", manager)).status_code == 200


async def walk_words(pages: Pages, who: dict[str, str], path: str) -> tuple[list[str], list[str]]:
    """What people wrote, over all pages, and the addresses of the pages."""
    seen, walked, here = [], list[str](), path
    while here and here not in walked:
        walked.append(here)
        page = (await pages.get(here, who)).text
        seen += re.findall(r"<p>(Because \d+)</p>", page)
        more = re.search(r'href="([^"]+)">Show more of what people wrote', page)
        here = "" if more is None else more[1]
    return seen, walked


async def test_own_words_are_kept_or_put_aside_and_a_draft_called_off(pages: Pages) -> None:
    version_id, people = await add_audience(pages, people=12)
    manager = await pages.as_person(pages.here.manager_id)
    await press(pages, NEW, manager, written(version_id, pages))
    row = await new_survey(pages)
    path = f"/staff/surveys/{row.id}"
    await press(pages, f"{path}/ask", manager, {"do": "ask", "everybody": "1"})
    await answer_all(pages, row.id, people[:6])
    await press(pages, f"{path}/do/close", manager, {})
    page = (await pages.get(path, manager)).text
    assert page.count("Too few people answered to show shares") == 2
    assert "of 100" not in page
    answers = [
        one
        for one in await find_all(pages, SurveyAnswer)
        if one.text is not None and one.text.startswith("Because 3")
    ]
    coordinator = await pages.as_person(pages.here.coordinator_id)
    for who, page, status in ((coordinator, "/account", 403), (manager, NEW, 303)):
        done = await press(pages, f"{path}/words", who, {"hide": str(answers[0].id)}, page=page)
        assert done.status_code == status
    found = [one for one in await find_all(pages, SurveyAnswer) if one.id == answers[0].id]
    assert found[0].review is TextReview.HIDDEN

    await press(pages, NEW, manager, written(version_id, pages, title_en="Never sent"))
    draft = await new_survey(pages)
    for _ in range(2):
        await press(pages, f"/staff/surveys/{draft.id}/do/cancel", manager, {})
    assert (await new_survey(pages)).status is SurveyStatus.CANCELLED
    assert "Never sent" in (await pages.get("/staff/surveys", manager)).text
    assert len(await find_all(pages, SurveyQuestion)) >= 6

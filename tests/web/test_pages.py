from __future__ import annotations

import io
import itertools
import re
from collections.abc import AsyncIterator
from datetime import timedelta
from html.parser import HTMLParser
from uuid import UUID

import pytest
from litestar import Litestar
from litestar.testing import AsyncTestClient
from PIL import Image
from sqlalchemy import func, select

from api.app import create_app
from core.clock import FixedClock
from core.db import Database
from core.events import Event
from core.security import sign_form
from core.settings import Settings
from matching.intake.kinds import ContactChoice
from matching.intake.models import RequestAccess
from matching.kinds import AssignmentStatus, OfferStatus, RequestStatus, StormStatus
from matching.models import Assignment, Ban, HelpRequest, Offer, Storm
from matching.offers.answering import accept_offer
from matching.offers.visit_models import VisitPhoto
from messaging.models import Message
from messaging.sending import queue_message
from messaging.unsubscribing import make_unsubscribe_url
from people.auth import Actor
from people.kinds import Channel
from people.links import LinkTo, create_link
from people.models import ContactPoint, PersonName, Preferences
from tests.factories.asks import Asked, add_homes, add_storm, ask_volunteer
from tests.factories.messages import add_reachable, make_draft
from tests.factories.people import add_community
from tests.ids import drop_ids
from web.routes import ROUTES

SITE = "https://talkoot.example"
SECRET = "gateway-token"
OURS = {"origin": SITE, "sec-fetch-site": "same-origin"}

Client = AsyncTestClient[Litestar]


@pytest.fixture
async def client(database_url: str, clock: FixedClock) -> AsyncIterator[Client]:
    settings = Settings.from_environment(
        {
            "TALKOOT_DATABASE_URL": database_url,
            "TALKOOT_PUBLIC_URL": SITE,
            "TALKOOT_MAIL": "none",
            "TALKOOT_SMS": "none",
            "TALKOOT_SMS_TOKEN": SECRET,
            "TALKOOT_SMS_FROM": "617-555-0142",
        }
    )
    app = create_app(settings, clock=clock)
    if not any(route.path.startswith("/l/") for route in app.routes):
        for route in ROUTES:
            app.register(route)
    async with AsyncTestClient(app, base_url=SITE) as opened:
        yield opened


@pytest.fixture
async def asked(database: Database) -> Asked:
    async with database.begin() as session:
        community = await add_community(session)
        storm = await add_storm(session, community)
        requests = await add_homes(session, community, storm, 4)
        made = await ask_volunteer(session, community, storm, requests, planned=2)
        name = await session.get_one(PersonName, requests[0].resident_id)
        name.full_name = "Rosa Example"
        name = await session.get_one(PersonName, made.volunteer.person_id)
        name.full_name = "Ana Example"
        session.add(
            RequestAccess(
                request_id=requests[0].id,
                access_notes="Blue door",
                contact_choice=ContactChoice.PHONE,
            )
        )
        session.add(
            ContactPoint(
                person_id=requests[0].resident_id, channel=Channel.PHONE, value="+16175550187"
            )
        )
        return made


async def link(
    database: Database, clock: FixedClock, action: str, person_id: UUID, subject_id: UUID
) -> str:
    async with database.begin() as session:
        token = await create_link(
            session,
            LinkTo(
                action=action,
                person_id=person_id,
                subject_id=subject_id,
                expires_at=clock.now() + timedelta(days=2),
            ),
            now=clock.now(),
        )
    return f"/l/{token}"


async def offer_link(database: Database, clock: FixedClock, asked: Asked) -> str:
    return await link(database, clock, "answer_offer", asked.volunteer.person_id, asked.ask.id)


async def agree(database: Database, clock: FixedClock, asked: Asked) -> Assignment:
    async with database.begin() as session:
        actor = Actor(person_id=asked.volunteer.person_id)
        return await accept_offer(session, actor, asked.offers[0].id, now=clock.now())


async def press(client: Client, url: str, **fields: str) -> str:
    """Press a button and follow to the next page; its text."""
    answer = await client.post(url, data=fields, headers=OURS, follow_redirects=False)
    assert answer.status_code == 303, answer.text
    page = await client.get(answer.headers["location"])
    assert page.status_code == 200, page.text
    return page.text


async def count_events(database: Database) -> int:
    async with database.read() as session:
        return int(await session.scalar(select(func.count()).select_from(Event)) or 0)


async def test_offer_page_shows_the_plan_and_the_list_without_address(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    page = await client.get(url)

    assert page.status_code == 200
    assert "Can you help 2 neighbors?" in page.text
    assert page.text.count("I can take this one") == 2
    assert "About 5 to 10 minutes on foot" in page.text
    for secret in ("Imaginary", "17 ", "Rosa", "6175550187", "42.37", "-71.11"):
        assert secret not in drop_ids(page.text)


async def test_a_sentence_ends_with_one_full_stop(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    url = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    page = (await client.get(f"{url}?lang=es")).text
    assert " p.m.<" in page
    assert "p.m.." not in page


async def test_looking_changes_nothing(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    for suffix in ("", "?do=yes", f"?do=yes&offer_id={asked.offers[0].id}", "?said=no"):
        assert (await client.get(url + suffix)).status_code == 200
    assert (await client.head(url)).status_code in (200, 405)

    assert await count_events(database) == 0
    async with database.read() as session:
        assert set(await session.scalars(select(Offer.status))) == {OfferStatus.SENT}


async def test_yes_leads_to_the_visit_with_its_address(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    page = await press(client, url, do="yes", offer_id=str(asked.offers[0].id))

    assert "Thank you. Rosa knows you are coming." in page
    for shown in ("17 Imaginary Street", "Blue door", "tel:+16175550187"):
        assert shown in page


async def test_double_click_makes_one_visit_and_one_message(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    for _ in range(3):
        await press(client, url, do="yes", offer_id=str(asked.offers[0].id))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 1
        told = select(func.count()).select_from(Message).where(Message.kind == "agreed_volunteer")
        assert await session.scalar(told) == 1


async def test_take_all(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    await press(client, await offer_link(database, clock, asked), do="yes_all")
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 2


async def test_taken_home_puts_the_next_best_forward(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    async with database.begin() as session:
        request = await session.get_one(HelpRequest, asked.requests[0].id)
        request.seats_taken, request.status = 1, RequestStatus.ACCEPTED
    url = await offer_link(database, clock, asked)
    page = await press(client, url, do="yes", offer_id=str(asked.offers[0].id))

    assert "Someone else said yes first. Thank you." in page
    assert "Can you take this one?" in page
    instead = re.search(r'name="offer_id" value="([^"]+)"', page)
    assert instead is not None
    assert "Thank you." in await press(client, url, do="yes", offer_id=instead[1])


async def test_home_of_the_list(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    page = await press(client, url, do="take", request_id=str(asked.requests[3].id))
    assert "knows you are coming" in page


async def test_no_not_today_and_pause(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    assert "No more messages in this storm" in await press(client, url, do="not_today")
    assert "Thank you for telling us." in await press(client, url, do="no", reason="too_far")
    assert "No offers until" in await press(client, url, do="pause", days="14")


async def test_visit_from_setting_off_to_done_and_confirmed(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    resident = await link(
        database, clock, "request", asked.requests[0].resident_id, work.request_id
    )
    assert "Ana comes" in (await client.get(resident)).text
    assert "knows that you are on your way" in await press(client, visit, do="start")
    assert "Ana is on the way" in (await client.get(resident)).text
    done = await press(client, visit, do="done")
    assert "It is done. Thank you!" in done
    assert "Imaginary" not in done
    question = (await client.get(resident)).text
    assert "Was it done?" in question
    assert "Ana" in question
    assert "It is done. Thank you for telling us." in await press(client, resident, do="confirm")


async def test_not_done_starts_again(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    resident = await link(
        database, clock, "request", asked.requests[0].resident_id, work.request_id
    )
    await press(client, visit, do="done")
    assert "your home comes first" in await press(client, resident, do="not_done")
    assert "not yours any more" in (await client.get(visit)).text


async def test_resident_calls_it_off(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    resident = await link(
        database, clock, "request", asked.requests[0].resident_id, work.request_id
    )
    assert "called off" in await press(client, resident, do="cancel")
    async with database.read() as session:
        assert (await session.get_one(Assignment, work.id)).status is AssignmentStatus.RELEASED


async def test_not_this_person_keeps_the_two_apart(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    page = await press(client, visit, do="cannot", reason="not_this_person")
    assert "not yours any more" in page
    assert "Imaginary" not in page
    async with database.read() as session:
        (ban,) = (await session.scalars(select(Ban))).all()
    assert (ban.volunteer_id, ban.reason) == (asked.volunteer.id, "not_this_person")


async def test_picture_is_seen_by_the_resident_alone(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    file = io.BytesIO()
    picture = Image.new("RGB", (640, 480), "white")
    exif = picture.getexif()
    exif[0x010E] = "17 Imaginary Street"
    picture.save(file, "JPEG", exif=exif)
    for _ in range(2):
        answer = await client.post(
            f"{visit}/photos",
            files={"photo": ("home.jpg", file.getvalue(), "image/jpeg")},
            headers=OURS,
            follow_redirects=False,
        )
        assert answer.status_code == 303, answer.text
    async with database.read() as session:
        (photo,) = (await session.scalars(select(VisitPhoto))).all()
    assert b"Imaginary" not in photo.content

    resident = await link(
        database, clock, "request", asked.requests[0].resident_id, work.request_id
    )
    other = await link(
        database, clock, "request", asked.requests[1].resident_id, asked.requests[1].id
    )
    shown = await client.get(f"{resident}/photos/{photo.id}")
    assert (shown.status_code, shown.headers["content-type"]) == (200, "image/jpeg")
    assert "sandbox" in shown.headers["content-security-policy"]
    assert (await client.get(f"{other}/photos/{photo.id}")).status_code == 404


@pytest.mark.parametrize(
    "content", [b"", b"GIF89a", b"<svg onload=alert(1)>", b"\xff\xd8\xff" + b"x" * 100]
)
async def test_what_is_no_picture_is_refused(
    client: Client, database: Database, clock: FixedClock, asked: Asked, content: bytes
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    answer = await client.post(
        f"{visit}/photos",
        files={"photo": ("home.jpg", content, "image/jpeg")},
        headers=OURS,
        follow_redirects=False,
    )
    assert answer.status_code == 422
    assert "traceback" not in answer.text.lower()


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": SITE, "sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
async def test_form_of_another_site_is_refused(
    client: Client,
    database: Database,
    clock: FixedClock,
    asked: Asked,
    headers: dict[str, str],
) -> None:
    url = await offer_link(database, clock, asked)
    fields = {"do": "yes", "offer_id": str(asked.offers[0].id)}
    answer = await client.post(url, data=fields, headers=headers, follow_redirects=False)
    assert answer.status_code == 403
    assert await count_events(database) == 0


async def test_unknown_old_and_foreign_links(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    assert (await client.get("/l/" + "x" * 22)).status_code == 404
    assert (await client.get(url[:-1])).status_code == 404
    # The link of one person opens nothing of another.
    stranger = await link(
        database, clock, "answer_offer", asked.requests[0].resident_id, asked.ask.id
    )
    assert (await client.get(stranger)).status_code == 404
    stolen = await client.post(
        await link(database, clock, "visit", asked.volunteer.person_id, asked.ask.id),
        data={"do": "done"},
        headers=OURS,
    )
    assert stolen.status_code == 404
    clock.advance(timedelta(days=3))
    old = await client.get(url)
    assert old.status_code == 410
    assert "too old" in old.text


async def test_unsubscribe_needs_a_button_or_one_click(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    async with database.read() as session:
        message = (
            await session.scalars(select(Message).where(Message.subject_id == work.id).limit(1))
        ).one()
    url = await link(database, clock, "unsubscribe", message.person_id, message.id)
    assert "End these messages?" in (await client.get(url)).text
    # The address that stands in the mail itself, for people and for mail programs alike.
    shown = await client.get(f"{url}/unsubscribe")
    assert shown.status_code == 200
    assert "End these messages?" in shown.text
    click = await client.post(
        url, data={"List-Unsubscribe": "One-Click"}, headers={"origin": "https://mail.example"}
    )
    assert (click.status_code, click.text) == (200, "")
    assert "These messages have ended" in await press(client, url, do="unsubscribe")


async def test_page_behind_the_footer_of_a_mail_says_why_it_came(
    client: Client, database: Database, clock: FixedClock
) -> None:
    async with database.begin() as session:
        community = await add_community(session)
        person = await add_reachable(session, community, languages=("es",))
        message = await queue_message(session, make_draft(community, person), now=clock.now())
        url = await make_unsubscribe_url(session, message, Settings(), now=clock.now())
    path = url.removeprefix(Settings().public_url)
    shown = await client.get(path)
    assert shown.status_code == 200
    assert "que le preguntemos cuando un vecino cercano necesita ayuda" in shown.text
    assert "Lo hizo en un formulario." in shown.text
    assert "Estos mensajes han terminado" in await press(client, path, do="unsubscribe")


async def test_storm_notices(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    async with database.begin() as session:
        storm = await session.get_one(Storm, asked.ask.storm_id)
        storm.status = StormStatus.ARMED
    resident = await link(
        database, clock, "storm_resident", asked.requests[0].resident_id, storm.id
    )
    volunteer = await link(database, clock, "storm_volunteer", asked.volunteer.person_id, storm.id)
    assert "We send nobody this time" in await press(client, resident, do="no")
    assert "we ask neighbors when the snow" in (await press(client, resident, do="yes")).lower()
    assert "No messages in this storm" in await press(client, volunteer, do="not_today")


async def test_words_pass_between_the_two(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    work = await agree(database, clock, asked)
    visit = await link(database, clock, "visit", asked.volunteer.person_id, work.id)
    resident = await link(
        database, clock, "request", asked.requests[0].resident_id, work.request_id
    )
    words = "<b>I am late</b> call 617-555-0133"
    assert "Passed on." in await press(client, visit, do="write", words=words)
    assert "Passed on." in await press(client, resident, do="write", words="Fine")
    assert "617-555-0142" in (await client.get(visit)).text


async def test_page_in_spanish(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    async with database.begin() as session:
        preferences = await session.get_one(Preferences, asked.volunteer.person_id)
        preferences.languages = ["es"]
    page = await client.get(url)
    assert '<html lang="es" dir="ltr">' in page.text
    assert "¿Puede ayudar a 2 vecinos?" in page.text
    assert '<html lang="en" dir="ltr">' in (await client.get(url + "?lang=en")).text


async def test_headers_of_private_pages(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    page = await client.get(await offer_link(database, clock, asked))
    assert page.headers["cache-control"] == "no-store"
    assert "noindex" in page.headers["x-robots-tag"]
    assert "unsafe" not in page.headers["content-security-policy"]
    style = await client.get("/static/css/components.css")
    assert style.status_code == 200
    assert "max-age" in style.headers["cache-control"]


class Outline(HTMLParser):
    """What a page is made of, for what every page must have."""

    def __init__(self) -> None:
        super().__init__()
        self.headings: list[int] = []
        self.ids: list[str] = []
        self.labelled: set[str] = set()
        self.fields: list[tuple[str, dict[str, str | None]]] = []
        self.landmarks: list[str] = []
        self.styles = 0
        self.inside_label = 0
        self.bare_fields: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        is_inline = tag == "style" or (tag == "script" and "src" not in given)
        self.styles += is_inline or "style" in given or "onclick" in given
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if re.fullmatch(r"h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if tag in ("main", "header", "footer"):
            self.landmarks.append(tag)
        if tag == "label":
            self.inside_label += 1
            self.labelled.add(str(given.get("for", "")))
        hidden = given.get("type") == "hidden"
        if tag in ("input", "select", "textarea") and not hidden and not self.inside_label:
            self.bare_fields.append(str(given.get("id", "")))
        if tag == "img":
            assert given.get("alt")

    def handle_endtag(self, tag: str) -> None:
        if tag == "label":
            self.inside_label -= 1


@pytest.mark.parametrize("language", ["en", "es"])
async def test_every_page_has_landmarks_labels_and_headings_in_order(
    client: Client, database: Database, clock: FixedClock, asked: Asked, language: str
) -> None:
    work = await agree(database, clock, asked)
    person, home = asked.volunteer.person_id, asked.requests[0]
    urls = [
        await offer_link(database, clock, asked),
        await link(database, clock, "visit", person, work.id),
        await link(database, clock, "request", home.resident_id, home.id),
        await link(database, clock, "storm_resident", home.resident_id, asked.ask.id),
        await link(database, clock, "storm_volunteer", person, asked.ask.id),
        await link(database, clock, "unsubscribe", person, person),
        "/l/" + "x" * 22,
    ]
    for url in urls:
        text = (await client.get(f"{url}?lang={language}")).text
        outline = Outline()
        outline.feed(text)
        assert f'<html lang="{language}" dir="ltr">' in text
        assert outline.headings.count(1) == 1, url
        content = outline.headings[outline.headings.index(1) :]
        steps = [after - before for before, after in itertools.pairwise(content)]
        assert all(step <= 1 for step in steps), (url, outline.headings)
        assert outline.landmarks == ["header", "main", "footer"]
        assert len(outline.ids) == len(set(outline.ids)), url
        assert set(outline.bare_fields) <= outline.labelled, url
        assert outline.styles == 0
        assert "<title> - " not in text


def signed(fields: dict[str, str], path: str = "/sms/inbound") -> dict[str, str]:
    return {"x-twilio-signature": sign_form(SECRET, SITE + path, fields.items())}


async def test_text_comes_in_over_the_gateway(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    async with database.begin() as session:
        session.add(
            ContactPoint(
                person_id=asked.volunteer.person_id, channel=Channel.SMS, value="+16175550101"
            )
        )
    fields = {"From": "+16175550101", "To": "+16175550142", "Body": "YES W9", "MessageSid": "SM1"}

    refused = await client.post("/sms/inbound", data=fields)
    forged = await client.post(
        "/sms/inbound", data=fields | {"Body": "YES K7"}, headers=signed(fields)
    )
    taken = await client.post("/sms/inbound", data=fields, headers=signed(fields))
    again = await client.post("/sms/inbound", data=fields, headers=signed(fields))

    assert (refused.status_code, forged.status_code) == (401, 401)
    assert taken.status_code == 200
    assert taken.headers["content-type"].startswith("application/xml")
    assert "<Message>We do not know the code W9. Yours: K7, M4.</Message>" in taken.text
    assert again.text == taken.text
    yes = fields | {"Body": "YES K7", "MessageSid": "SM2"}
    await client.post("/sms/inbound", data=yes, headers=signed(yes))
    async with database.read() as session:
        assert await session.scalar(select(func.count()).select_from(Assignment)) == 1


async def test_state_of_a_text_needs_a_signature(client: Client) -> None:
    fields = {"MessageSid": "SM9", "MessageStatus": "delivered"}
    assert (await client.post("/sms/status", data=fields)).status_code == 401
    good = await client.post("/sms/status", data=fields, headers=signed(fields, "/sms/status"))
    assert good.status_code == 204


@pytest.mark.parametrize(
    ("lang", "question", "thanks"),
    [
        ("en", "Yes, this is my address", "From now on you hear from us here."),
        ("es", "Sí, es mi dirección", "A partir de ahora le escribimos aquí."),
    ],
)
async def test_an_address_is_confirmed_by_the_button_alone(
    client: Client,
    database: Database,
    clock: FixedClock,
    asked: Asked,
    lang: str,
    question: str,
    thanks: str,
) -> None:
    person_id = asked.volunteer.person_id
    async with database.begin() as session:
        point = ContactPoint(person_id=person_id, channel=Channel.EMAIL, value="new@mail.example")
        session.add(point)
        await session.flush()
    url = await link(database, clock, "confirm_contact", person_id, point.id)

    async def verified() -> bool:
        async with database.read() as session:
            return (await session.get_one(ContactPoint, point.id)).verified_at is not None

    page = await client.get(f"{url}?lang={lang}")
    assert question in page.text
    assert "new@mail.example" not in page.text
    assert not await verified()
    for _ in range(2):
        assert thanks in await press(client, f"{url}?lang={lang}", do="confirm")
        assert await verified()


async def test_an_address_that_is_gone_is_confirmed_by_nobody(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    person_id = asked.volunteer.person_id
    async with database.begin() as session:
        other = ContactPoint(
            person_id=asked.requests[0].resident_id, channel=Channel.EMAIL, value="r@mail.example"
        )
        session.add(other)
        await session.flush()
    for subject_id in (person_id, other.id):
        url = await link(database, clock, "confirm_contact", person_id, subject_id)
        assert (await client.get(url)).status_code == 404
        posted = await client.post(url, data={"do": "confirm"}, headers=OURS)
        assert posted.status_code == 404
    async with database.read() as session:
        assert (await session.get_one(ContactPoint, other.id)).verified_at is None


async def test_a_button_is_pressed_so_often_and_no_more(
    client: Client, database: Database, clock: FixedClock, asked: Asked
) -> None:
    url = await offer_link(database, clock, asked)
    other = await offer_link(database, clock, asked)
    fields = {"do": "no", "reason": "too_far"}

    async def status(address: str) -> int:
        answer = await client.post(address, data=fields, headers=OURS, follow_redirects=False)
        return int(answer.status_code)

    assert [await status(url) for _ in range(31)] == [303] * 30 + [429]
    refused = await client.post(url, data=fields, headers=OURS)
    assert int(refused.headers["retry-after"]) == 2
    assert "That was very often" in refused.text
    # Looking is free, other links are, and two seconds later there is room for one more.
    assert (await client.get(url)).status_code == 200
    assert await status(other) == 303
    clock.advance(timedelta(seconds=2))
    assert [await status(url) for _ in range(2)] == [303, 429]
    assert await status(f"{url}/photos") == 429

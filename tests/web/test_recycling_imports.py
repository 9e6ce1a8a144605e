"""Lists of recycling routes and measurements: checked by line, kept, then in the history."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from sqlalchemy import select

from campaigns.recycling.models import CollectionRoute, RouteWeight
from tests.ids import drop_ids
from tests.town_pages import OURS, Pages, count, read_token

PACKED = re.compile(r'name="packed" value="([^"]+)"')
EXAMPLES = Path(__file__).parents[2] / "web" / "static" / "examples"
PATH = "/staff/imports"
WEIGHTS = b"route,day,stream,weight_kg\n"


async def press(
    pages: Pages,
    path: str,
    who: dict[str, str],
    form: dict[str, str],
    *,
    file: bytes | None = None,
    language: str = "en",
) -> Any:
    token = read_token((await pages.get(PATH, who)).text)
    return await pages.client.post(
        f"{path}?lang={language}",
        data={"csrf": token, "kind": "recycling", **form},
        files=None if file is None else {"file": ("list.csv", file, "text/csv")},
        headers=who | OURS,
        follow_redirects=False,
    )


def packed(answer: Any) -> dict[str, str]:
    found = PACKED.search(answer.text)
    assert found is not None, answer.text[:400]
    return {"packed": found[1]}


async def test_routes_come_in_once_after_a_look(pages: Pages) -> None:
    staff = await pages.as_person(pages.here.coordinator_id)
    before = await count(pages, CollectionRoute)
    routes = (EXAMPLES / "recycling-routes.csv").read_bytes()
    seen = await press(pages, PATH, staff, {}, file=routes)
    assert seen.status_code == 200
    assert "2 lines, and all are good." in seen.text
    assert await count(pages, CollectionRoute) == before
    for _ in range(2):
        taken = await press(pages, f"{PATH}/take", staff, packed(seen))
        assert taken.headers["location"] == "/staff/imports?said=taken"
    assert await count(pages, CollectionRoute) == before + 2
    again = await press(pages, PATH, staff, {}, file=routes)
    assert "Keep the good lines" not in again.text
    history = (await pages.get(PATH, staff)).text
    assert "Recycling that came in before" in history
    assert history.count("Collection routes") == 1
    other = await pages.as_person(pages.there.coordinator_id)
    async with pages.database.read() as session:
        rows = await session.scalars(select(CollectionRoute.code).order_by(CollectionRoute.code))
        assert "MON-1" in set(rows)
    elsewhere = await press(pages, PATH, other, {}, file=WEIGHTS + b"MON-1,2026-01-01,trash,5\n")
    assert "There is no route &#39;MON-1&#39;" in elsewhere.text


async def test_each_bad_line_is_told_in_the_readers_language(pages: Pages) -> None:
    staff = await pages.as_person(pages.here.manager_id)
    routes = (EXAMPLES / "recycling-routes.csv").read_bytes()
    await press(
        pages, f"{PATH}/take", staff, packed(await press(pages, PATH, staff, {}, file=routes))
    )
    day = pages.clock.now().date().isoformat().encode()
    bad = WEIGHTS + b"\n".join(
        [
            b"MON-1," + day + b",recycling,1830.5",
            b"MON-1," + day + b",recycling,1831",
            b"MON-9," + day + b",trash,10",
            b"MON-2,soon,trash,10",
            b"MON-2," + day + b",glass,10",
            b"MON-2," + day + b",trash,ten",
            b"MON-2," + day + b",trash,900000",
            b"MON-2,2099-01-01,trash,10",
            b"MON-2," + day + b",trash,10,20",
        ]
    )
    before = await count(pages, RouteWeight)
    seen = await press(pages, PATH, staff, {}, file=bad)
    assert "1 of 9 lines are good." in seen.text
    assert "2099-01-01 lies in the future. Correct the date." in seen.text
    assert "It has 5 cells, the header has 4." in seen.text
    assert "Line 2 tells of the same." in seen.text
    assert "is no date. Write it like 2026-05-18." in seen.text
    assert "cannot be used. Write a number with a point, like 812.5." in seen.text
    assert await count(pages, RouteWeight) == before
    spanish = await press(pages, PATH, staff, {}, file=bad, language="es")
    for words in (
        "La línea 2 dice lo mismo.",
        "No existe la ruta &#39;MON-9&#39;. Importe primero las rutas.",
        "2099-01-01 está en el futuro. Corrija la fecha.",
        "Tiene 5 celdas, la cabecera tiene 4.",
        "no es una fecha. Escríbala como 2026-05-18.",
        "no se conoce. Escriba uno de: recycling, trash",
        "no sirve. Escriba un número con punto, como 812.5.",
        "Los pesos van en kilogramos.",
    ):
        assert words in spanish.text
    assert "Write" not in drop_ids(spanish.text)
    carried = packed(spanish)
    refused = await press(pages, f"{PATH}/refused", staff, carried, language="es")
    assert refused.headers["content-disposition"].endswith('"recycling-refused.csv"')
    assert len(refused.content.decode("utf-8-sig").splitlines()) == 9
    for _ in range(2):
        await press(pages, f"{PATH}/take", staff, carried)
    assert await count(pages, RouteWeight) == before + 1


async def test_what_is_no_list_is_refused_in_words(pages: Pages) -> None:
    staff = await pages.as_person(pages.here.manager_id)
    cases = {
        b"\x89PNG\r\n\x1a\n" + b"0" * 50: ("is a PNG picture", "es una imagen PNG"),
        b"name,age\nAna,3\n": ("for example: areas, audit", "por ejemplo: areas, audit"),
        b"route,age\nMON-1,3\n": (
            "none of the known sets of columns",
            "grupos de columnas conocidos",
        ),
        b"route,route\n1,2\n": ("has the column", "dos veces la columna"),
    }
    for data, (english, spanish) in cases.items():
        for language, words in (("en", english), ("es", spanish)):
            answer = await press(pages, PATH, staff, {}, file=data, language=language)
            assert (answer.status_code, words in answer.text) == (422, True), words
            assert 'value="recycling" checked' in answer.text
    nothing = await press(pages, PATH, staff, {})
    gone = await press(pages, f"{PATH}/take", staff, {"packed": "!!"})
    assert (nothing.status_code, gone.status_code) == (422, 422)
    member = await pages.as_person(pages.here.resident_ids[0])
    data = {"kind": "recycling", "packed": "", "csrf": "x"}
    for path in (PATH, f"{PATH}/take", f"{PATH}/refused"):
        for headers in (staff, member | OURS):
            answer = await pages.client.post(path, data=data, headers=headers)
            assert answer.status_code == 403


async def test_people_and_requests_are_told_in_spanish_too(pages: Pages) -> None:
    staff = await pages.as_person(pages.here.manager_id)
    lines = (EXAMPLES / "volunteers.csv").read_bytes()
    bad = lines + b'V-4,,four@example,12,"1 Nowhere Street",xx,shovel,noon,fly,3,\n'
    form = {"kind": "volunteers"}
    answer = await press(pages, PATH, staff, form, file=bad, language="es")
    assert "está vacía" in answer.text
    assert "Rellénela." in answer.text
    assert "is empty" not in answer.text
    wrong = await press(pages, PATH, staff, form, file=b"%PDF-1.7 " + b"0" * 50, language="es")
    assert wrong.status_code == 422
    assert "es un documento PDF" in wrong.text

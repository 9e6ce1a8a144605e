"""Parts of pages that scripts ask for, each judged by itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import httpx

from tests.audit.finding import Reading

TYPED = {
    "/ask/places": ("ask-place", "q", "data-suggest", "<datalist id='list'>{}</datalist>"),
    "/volunteer/near": ("volunteer-where", "typed", "data-near", "<div>{}</div>"),
}
"""What is sent while somebody types: on which page, in which field, and where the answer goes."""
FRAME = "<!doctype html><html lang='en'><head><meta charset='utf-8'><title>Part</title></head>"
STREET = "22 Aberdeen Ave"


def fetch_fragments(
    clients: Mapping[str, httpx.Client], texts: Mapping[str, str]
) -> dict[str, str]:
    """Every part by its name, in a document of its own; ``clients`` and ``texts`` by page."""
    found: dict[str, str] = {}
    for name, text in texts.items():
        for number, address in enumerate(dict.fromkeys(Reading(text).parts)):
            answer = clients[name].get(_renew(address), headers={"hx-request": "true"})
            assert answer.status_code == 200, f"{address} answered {answer.status_code}"
            found[f"part-of-{name}-{number}"] = wrap(answer.text)
    for path, (name, field, mark, frame) in TYPED.items():
        if name in texts:
            assert f'{mark}="{path}"' in texts[name], f"{name} asks for {path} no more"
            found[f"part{path.replace('/', '-')}"] = wrap(
                type_in(clients[name], path, field), frame
            )
    return found


def type_in(client: httpx.Client, path: str, field: str) -> str:
    """What is answered to a street that is typed."""
    forms = Reading(client.get("/volunteer/where").text).forms
    kept: Iterable[dict[str, str]] = (form.values for form in forms if "csrf" in form.values)
    values = next(iter(kept), {})
    origin = {"origin": str(client.base_url).rstrip("/")}
    answer = client.post(path, data={**values, field: STREET}, headers=origin)
    assert answer.status_code == 200, f"{path} answered {answer.status_code}"
    assert answer.text.strip(), f"{path} answered nothing"
    return answer.text


def wrap(text: str, frame: str = "<main>{}</main>") -> str:
    """A part as the only content of a page; a whole page stays as it is."""
    if text.lstrip().lower().startswith("<!doctype"):
        return text
    return f"{FRAME}<body>{frame.format(text)}</body></html>"


def _renew(address: str) -> str:
    """Without the mark of what is known, after which there would be no answer."""
    return address.replace("mark=", "was=")

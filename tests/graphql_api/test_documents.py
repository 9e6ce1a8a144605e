"""Documents that are remembered, and trusted ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from litestar.testing import AsyncTestClient

from api.transport.contract import (
    Contract,
    load_contract,
    make_manifest,
    read_documents,
)
from api.transport.documents import DocumentStore, hash_document
from api.transport.errors import CallRefused
from tests.graphql_api.small_api import SCHEMA, make_small_api, make_small_app

HELLO = "query Hello($name: String!) { hello(name: $name) }\n"
RENAME = 'mutation Rename { rename(name: "x") }\n'


def make_store(**more: object) -> DocumentStore:
    return DocumentStore(SCHEMA._schema, **more)  # type: ignore[arg-type] - as the test says


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in (("volunteer/hello", HELLO), ("manager/rename", RENAME)):
        place = tmp_path / "operations" / f"{name}.graphql"
        place.parent.mkdir(parents=True)
        place.write_text(text)
    (tmp_path / "manifest.json").write_text(make_manifest(read_documents(tmp_path)))
    return tmp_path


def test_a_document_is_read_once() -> None:
    store = make_store()
    first = store.open("{hello}", None, hide_suggestions=True)
    assert store.open("{hello}", None, hide_suggestions=False) is first
    assert store.open("{hello }", None, hide_suggestions=True) is not first


def test_what_is_wrong_is_not_kept() -> None:
    store = make_store()
    for text in ("{", "{nothing}", "{things(first: 500) {totalCount}}"):
        with pytest.raises(CallRefused):
            store.open(text, None, hide_suggestions=True)
    assert not store.kept
    assert store.kept_tokens == 0


def test_memory_is_bounded_and_what_is_used_stays() -> None:
    store = make_store(max_kept_tokens=100)
    often = store.open("{hello}", None, hide_suggestions=True)
    for number in range(200):
        store.open(f"{{a{number}: hello}}", None, hide_suggestions=True)
        assert store.open("{hello}", None, hide_suggestions=True) is often
    assert store.kept_tokens <= 100
    assert store.kept_tokens == sum(document.tree.token_count for document in store.kept.values())
    assert 5 < len(store.kept) < 30


def test_long_texts_are_not_kept() -> None:
    store = make_store()
    text = '{hello(name: "' + "x" * 50_000 + '")}'
    assert store.open(text, None, hide_suggestions=True)
    assert not store.kept


def test_trusted_documents_stay() -> None:
    key = hash_document(HELLO)
    store = make_store(trusted={key: HELLO}, max_kept_tokens=1)
    first = store.open(None, key, hide_suggestions=True)
    store.open("{thing {number}}", None, hide_suggestions=True)
    assert store.open(HELLO, None, hide_suggestions=True) is first
    assert store.open(HELLO, key, hide_suggestions=True) is first


@pytest.mark.parametrize(
    ("text", "key", "code"),
    [
        (None, "0" * 64, "document_unknown"),
        (None, "", "document_unknown"),
        (RENAME, hash_document(HELLO), "document_hash_wrong"),
    ],
)
def test_hashes_that_do_not_fit(text: str | None, key: str, code: str) -> None:
    store = make_store(trusted={hash_document(HELLO): HELLO})
    with pytest.raises(CallRefused) as refused:
        store.open(text, key, hide_suggestions=True)
    assert refused.value.errors[0]["extensions"]["code"] == code


def test_a_contract(folder: Path) -> None:
    contract = load_contract(folder)
    assert dict(contract.names) == {
        "manager/rename": hash_document(RENAME),
        "volunteer/hello": hash_document(HELLO),
    }
    assert contract.trusted[hash_document(HELLO)] == HELLO
    assert json.loads((folder / "manifest.json").read_text()) == contract.names


def test_a_folder_without_a_manifest_promises_nothing(tmp_path: Path) -> None:
    assert load_contract(tmp_path) == Contract()


@pytest.mark.parametrize("change", ["other", "missing", "more"])
def test_what_does_not_go_with_the_manifest_is_not_trusted(
    folder: Path, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    place = folder / "operations" / "volunteer" / "hello.graphql"
    if change == "other":
        place.write_text("{ hello }")
    elif change == "missing":
        place.unlink()
    else:
        place.with_name("more.graphql").write_text("{ hello }")
    contract = load_contract(folder)
    expected = {"manager/rename", "volunteer/hello"} if change == "more" else {"manager/rename"}
    assert set(contract.names) == expected
    assert set(contract.trusted) == set(contract.names.values())
    (record,) = caplog.records
    assert record.talkoot_event == "graphql.manifest_out_of_date"


async def test_trusted_documents_by_hash(folder: Path) -> None:
    contract = load_contract(folder)
    api = make_small_api(contract=contract, graphql_get="trusted")
    key = hash_document(HELLO)
    async with AsyncTestClient(make_small_app(api)) as client:
        variables = {"name": "Bo"}
        for body in (
            {"documentId": key},
            {"documentId": f"sha256:{key}"},
            {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": key}}},
        ):
            response = await client.post("/graphql", json={**body, "variables": variables})
            assert response.json()["data"] == {"hello": "Hello, Bo"}
        params = {"documentId": key, "variables": json.dumps(variables)}
        response = await client.get("/graphql", params=params)
        assert response.json()["data"] == {"hello": "Hello, Bo"}
        response = await client.get("/graphql", params={"query": "{hello}"})
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
        params = {"documentId": hash_document(RENAME)}
        assert (await client.get("/graphql", params=params)).status_code == 405
        # Other documents are still taken, by POST.
        response = await client.post("/graphql", json={"query": "{hello}"})
        assert response.status_code == 200
        response = await client.post("/graphql", json={"documentId": "0" * 64})
        assert response.status_code == 400
        assert "PersistedQueryNotFound" in response.text


async def test_trusted_documents_only(folder: Path) -> None:
    api = make_small_api(contract=load_contract(folder), graphql_documents="trusted")
    async with AsyncTestClient(make_small_app(api)) as client:
        response = await client.post("/graphql", json={"query": "{hello}"})
        assert response.status_code == 400
        assert response.json()["errors"][0]["extensions"]["code"] == "document_not_trusted"
        for body in ({"query": HELLO}, {"documentId": hash_document(HELLO)}):
            response = await client.post("/graphql", json={**body, "variables": {"name": "Bo"}})
            assert response.json()["data"] == {"hello": "Hello, Bo"}

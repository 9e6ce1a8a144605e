"""A sign-in service on this machine, for tests: real HTTP and signatures, tricks on demand."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qs, quote_plus, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, RSAKey

from core.clock import Clock
from tests.http_services import LocalService, Reply, Request, serve

CLIENT = "talkoot"
SECRET = "a secret: of the client+100%"
Change = Callable[[dict[str, Any]], None]


@cache
def rsa_key(kid: str, number: int = 0) -> RSAKey:
    """A key; making one takes long, so tests share them."""
    return RSAKey.generate_key(2048, {"kid": kid})


@dataclass
class OidcProvider:
    """Who may sign in there, and how it misbehaves."""

    clock: Clock
    url: str = ""
    email: str = "ana@mail.example"
    subject: str = "ana-at-the-city"
    verified: Any = True
    key: Any = field(default_factory=lambda: rsa_key("one"))
    listed: list[Any] = field(default_factory=list)
    """The keys that it publishes; its own when empty."""
    claims: dict[str, Any] = field(default_factory=dict)
    """What the token says instead."""
    header: dict[str, Any] = field(default_factory=dict)
    description: dict[str, Any] = field(default_factory=dict)
    make_token: Callable[[dict[str, Any]], str] | None = None
    reply: Callable[[Request], Reply | None] = lambda _: None
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    service: LocalService | None = None

    def sign_in_at(self, url: str) -> dict[str, str]:
        """Go where we lead a browser to, sign in, and give what comes back to us."""
        parts = urlsplit(url)
        assert f"{parts.scheme}://{parts.netloc}" == self.url
        asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
        assert asked["response_type"] == "code"
        assert asked["code_challenge_method"] == "S256"
        assert "openid" in asked["scope"].split()
        code = f"code-{len(self.codes)}"
        self.codes[code] = asked
        return {"code": code, "state": asked["state"]}

    def count(self, path: str) -> int:
        """How often a page of the service was asked for."""
        assert self.service is not None
        return sum(request.path == path for request in self.service.requests)

    def answer(self, request: Request) -> Reply:
        odd = self.reply(request)
        if odd is not None:
            return odd
        if request.path == "/.well-known/openid-configuration":
            return Reply(
                {
                    "issuer": self.url,
                    "authorization_endpoint": f"{self.url}/authorize",
                    "token_endpoint": f"{self.url}/token",
                    "jwks_uri": f"{self.url}/keys",
                }
                | self.description
            )
        if request.path == "/keys":
            keys = KeySet(self.listed or [self.key])
            return Reply(keys.as_dict(private=False))
        if request.path == "/token":
            return self._answer_token(request)
        return Reply({"error": "not_found"}, 404)

    def _answer_token(self, request: Request) -> Reply:
        form = request.body
        asked = self.codes.pop(form.get("code", ""), None)
        encoded = base64.b64encode(f"{CLIENT}:{quote_plus(SECRET)}".encode()).decode()
        if request.headers.get("Authorization") != f"Basic {encoded}":
            return Reply({"error": "invalid_client"}, 401)
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        challenge = _plain(digest)
        if (
            asked is None
            or asked["code_challenge"] != challenge
            or asked["redirect_uri"] != form.get("redirect_uri")
        ):
            return Reply({"error": "invalid_grant"}, 400)
        now = int(self.clock.now().timestamp())
        claims = {
            "iss": self.url,
            "sub": self.subject,
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            "email": self.email,
            "email_verified": self.verified,
        } | self.claims
        claims = {name: value for name, value in claims.items() if value is not None}
        make = self.make_token or self.sign
        return Reply({"access_token": "a", "token_type": "Bearer", "id_token": make(claims)})

    def sign(self, claims: dict[str, Any], key: Any = None) -> str:
        """A token signed as usual."""
        used = key or self.key
        algorithm = {"RSA": "RS256", "EC": "ES256"}[used.key_type]
        header = {"alg": algorithm, "kid": used.kid} | self.header
        return jwt.encode(header, claims, used)


def unsigned(claims: dict[str, Any]) -> str:
    """A token by the algorithm ``none``."""
    return f"{_encode({'alg': 'none'})}.{_encode(claims)}."


def signed_with(secret: bytes, claims: dict[str, Any]) -> str:
    """A token by a shared secret, such as a public key that everybody has."""
    text = f"{_encode({'alg': 'HS256', 'kid': 'one'})}.{_encode(claims)}"
    digest = hmac.new(secret, text.encode(), hashlib.sha256).digest()
    return f"{text}.{_plain(digest)}"


def _encode(value: dict[str, Any]) -> str:
    return _plain(json.dumps(value).encode())


def _plain(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")


def elliptic_key(kid: str) -> ECKey:
    """A key of another kind."""
    return ECKey.generate_key("P-256", {"kid": kid})


@contextmanager
def oidc_provider(clock: Clock) -> Iterator[OidcProvider]:
    """A service that lets everybody in until it is told otherwise."""
    provider = OidcProvider(clock)
    with serve(lambda request: provider.answer(request)) as service:
        provider.url = service.url
        provider.service = service
        yield provider

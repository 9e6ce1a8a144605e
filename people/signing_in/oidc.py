"""Sign-in by OpenID Connect: a service of the city or another one vouches for who somebody is.

The authorization code flow with PKCE. What binds the answer to the browser is one secret in a
cookie, from which state, nonce and code verifier are derived: nothing is stored on the server, and
an answer that some other browser brought about is refused.

References
----------
.. [1] OpenID Connect Core 1.0, section 3.1; Discovery 1.0, section 4; RFC 7636 (PKCE).
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote_plus, urlencode, urlsplit

import httpx
import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from core.logging import get_logger
from people.signing_in.errors import ProviderRefused, ProviderUnavailable

TIMEOUT_S = 5.0
MAX_ANSWER_BYTES = 256 * 1024
MAX_TOKEN_LENGTH = 20_000
MAX_KEYS = 50
KEEP = timedelta(hours=1)
"""How long the service's description and keys are believed."""
KEY_REST = timedelta(minutes=1)
"""A key that is not known makes us look again, but not more often than this."""
LEEWAY = timedelta(seconds=60)
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
"""Signed with a private key: neither ``none`` nor a shared secret."""
KEY_TYPES = frozenset({"RSA", "EC"})
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
FLOW_LIFE = timedelta(minutes=10)
NOT_TRUSTED = "The sign-in service gave an answer that cannot be trusted. Sign in another way."
NOT_READY = "The sign-in service does not answer. Try again in a minute, or sign in another way."

_logger = get_logger(__name__)


@dataclass(frozen=True)
class Flow:
    """One attempt to sign in, as the browser that began it knows it by its secret."""

    secret: str

    @property
    def state(self) -> str:
        """Comes back with the answer: it belongs to this browser."""
        return self._derive("state")

    @property
    def nonce(self) -> str:
        """Stands in the signed token: it was made for this attempt."""
        return self._derive("nonce")

    @property
    def verifier(self) -> str:
        """Proves to the service that who redeems the code is who asked for it."""
        return self._derive("verifier")

    @property
    def challenge(self) -> str:
        """What the service is told of the verifier beforehand."""
        return _plain_base64(hashlib.sha256(self.verifier.encode()).digest())

    def _derive(self, use: str) -> str:
        return _plain_base64(hashlib.sha256(f"talkoot {use} {self.secret}".encode()).digest())


@dataclass(frozen=True)
class Vouched:
    """Whom the service vouches for."""

    issuer: str
    subject: str
    email: str | None
    """Only when the service has verified it."""


@dataclass
class _Kept:
    """What was fetched, and when."""

    description: dict[str, Any] = field(default_factory=dict)
    described_at: datetime | None = None
    keys: KeySet | None = None
    keys_at: datetime | None = None


@dataclass(frozen=True)
class Provider:
    """A sign-in service, and what it calls us."""

    issuer: str
    client_id: str
    client_secret: str | None = None
    timeout_s: float = TIMEOUT_S
    kept: _Kept = field(default_factory=_Kept, compare=False, repr=False)

    async def make_url(self, flow: Flow, redirect_uri: str, *, now: datetime) -> str:
        """Where the browser goes to sign in."""
        endpoint = _endpoint(await self._describe(now), "authorization_endpoint")
        asked = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email",
            "state": flow.state,
            "nonce": flow.nonce,
            "code_challenge": flow.challenge,
            "code_challenge_method": "S256",
        }
        return f"{endpoint}{'&' if urlsplit(endpoint).query else '?'}{urlencode(asked)}"

    async def redeem(self, flow: Flow, code: str, redirect_uri: str, *, now: datetime) -> Vouched:
        """Whom the code stands for.

        Raises
        ------
        ProviderRefused
            When the code or the token is not good.
        ProviderUnavailable
            When the service does not answer.
        """
        description = await self._describe(now)
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self.client_id,
            "code_verifier": flow.verifier,
        }
        auth = None
        methods = description.get("token_endpoint_auth_methods_supported") or []
        if self.client_secret is not None:
            if "client_secret_post" in methods and "client_secret_basic" not in methods:
                form["client_secret"] = self.client_secret
            else:
                # RFC 6749, section 2.3.1: both are encoded as in a form
                auth = httpx.BasicAuth(quote_plus(self.client_id), quote_plus(self.client_secret))
        status, answer = await self._ask(
            "POST", _endpoint(description, "token_endpoint"), form, auth
        )
        token = answer.get("id_token")
        if status != httpx.codes.OK or not isinstance(token, str):
            raise _refuse("code_refused")
        claims = await self._read_token(token, description, now)
        self._check_claims(claims, description["issuer"], flow, now)
        email = claims.get("email")
        verified = claims.get("email_verified") in (True, "true")
        return Vouched(
            issuer=description["issuer"],
            subject=claims["sub"],
            email=email if verified and isinstance(email, str) else None,
        )

    async def _describe(self, now: datetime) -> dict[str, Any]:
        kept = self.kept
        if kept.described_at is not None and now - kept.described_at < KEEP:
            return kept.description
        status, found = await self._ask("GET", f"{self.issuer}/.well-known/openid-configuration")
        issuer = found.get("issuer")
        if status != httpx.codes.OK or not isinstance(issuer, str):
            raise _fail("not_described")
        if issuer.rstrip("/") != self.issuer:
            raise _refuse("other_issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _endpoint(found, name)
        kept.description, kept.described_at = found, now
        return found

    async def _load_keys(self, description: dict[str, Any], now: datetime) -> KeySet:
        status, found = await self._ask("GET", _endpoint(description, "jwks_uri"))
        listed = found.get("keys")
        if status != httpx.codes.OK or not isinstance(listed, list):
            raise _fail("no_keys")
        usable = [
            {name: value for name, value in key.items() if name not in ("x5c", "key_ops")}
            for key in listed[:MAX_KEYS]
            if isinstance(key, dict) and key.get("kty") in KEY_TYPES and key.get("use") != "enc"
        ]
        try:
            keys = KeySet.import_key_set({"keys": usable})
        except (JoseError, ValueError, TypeError, KeyError):
            raise _fail("bad_keys") from None
        self.kept.keys, self.kept.keys_at = keys, now
        return keys

    async def _read_token(
        self, token: str, description: dict[str, Any], now: datetime
    ) -> dict[str, Any]:
        """The claims of a token whose signature is good."""
        if len(token) > MAX_TOKEN_LENGTH:
            raise _refuse("token_too_long")
        kept = self.kept
        fresh = kept.keys_at is not None and now - kept.keys_at < KEEP
        keys = kept.keys if fresh and kept.keys is not None else None
        claims = None if keys is None else _decode(token, keys)
        rested = kept.keys_at is None or now - kept.keys_at >= KEY_REST
        if claims is None and (keys is None or rested):
            # the service may have changed its keys
            claims = _decode(token, await self._load_keys(description, now))
        if claims is None:
            raise _refuse("bad_signature")
        return claims

    def _check_claims(self, claims: dict[str, Any], issuer: str, flow: Flow, now: datetime) -> None:
        """OpenID Connect Core 1.0, section 3.1.3.7."""
        audience = claims.get("aud")
        audiences = audience if isinstance(audience, list) else [audience]
        party = claims.get("azp")
        ends_s, made_s = _number(claims.get("exp"), 0.0), _number(claims.get("iat"), math.inf)
        seconds, leeway = now.timestamp(), LEEWAY.total_seconds()
        subject = claims.get("sub")
        for problem, holds in (
            ("wrong_issuer", claims.get("iss") == issuer),
            ("wrong_audience", self.client_id in audiences),
            ("wrong_party", party == self.client_id if party or len(audiences) > 1 else True),
            ("expired", ends_s > seconds - leeway),
            ("of_the_future", made_s < seconds + leeway),
            ("wrong_nonce", claims.get("nonce") == flow.nonce),
            ("no_subject", isinstance(subject, str) and 0 < len(subject) <= 255),
        ):
            if not holds:
                raise _refuse(problem)

    async def _ask(
        self,
        method: str,
        url: str,
        form: dict[str, str] | None = None,
        auth: httpx.BasicAuth | None = None,
    ) -> tuple[int, dict[str, Any]]:
        """One call: no redirect is followed, no proxy of the environment is used."""
        try:
            async with (
                asyncio.timeout(self.timeout_s),  # for all of it: a trickle of bytes never ends
                httpx.AsyncClient(
                    timeout=self.timeout_s, follow_redirects=False, trust_env=False
                ) as client,
                client.stream(
                    method,
                    url,
                    data=form,
                    auth=auth,
                    headers={"Accept": "application/json"},
                ) as answer,
            ):
                content = b""
                async for part in answer.aiter_bytes():
                    content += part
                    if len(content) > MAX_ANSWER_BYTES:
                        raise _fail("answer_too_long")
                status = answer.status_code
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError):
            raise _fail("no_answer") from None
        if status >= httpx.codes.INTERNAL_SERVER_ERROR:
            raise _fail("server_error")
        try:
            found = msgspec.json.decode(content)
        except (msgspec.MsgspecError, RecursionError):
            found = None
        return status, found if isinstance(found, dict) else {}


def _decode(token: str, keys: KeySet) -> dict[str, Any] | None:
    """The claims, when one of the keys signed them by an algorithm that we take."""
    try:
        return dict(jwt.decode(token, keys, algorithms=ALGORITHMS).claims)
    except (JoseError, ValueError, TypeError, RecursionError):
        return None


def _endpoint(description: dict[str, Any], name: str) -> str:
    """An address of the service: encrypted, unless it is on this machine."""
    url = description.get(name)
    if isinstance(url, str) and url.isascii():
        try:
            parts = urlsplit(url)
            local = parts.hostname in LOCAL_HOSTS
            if parts.hostname and (parts.scheme == "https" or (parts.scheme == "http" and local)):
                return url
        except ValueError:
            pass
    raise _refuse("bad_endpoint")


def _number(value: object, otherwise: float) -> float:
    return value if isinstance(value, int | float) else otherwise


def _plain_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode("ascii").rstrip("=")


def _refuse(reason: str) -> ProviderRefused:
    _logger.warning("sign_in.provider_refused", reason=reason)
    return ProviderRefused(NOT_TRUSTED)


def _fail(reason: str) -> ProviderUnavailable:
    _logger.warning("sign_in.provider_failed", reason=reason)
    return ProviderUnavailable(NOT_READY)

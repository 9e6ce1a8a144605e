"""How one is signed in, and the programs that act for one: sign-ins and API tokens."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import strawberry
from strawberry import relay

from api.schema.access import Who
from api.schema.context import Info
from api.schema.enums import describe_enum
from api.schema.nodes import find_id, found_by, resolve_rows
from api.schema.operations import mutation, query
from api.schema.paging import FIRST, After, Connection, First, connect
from people.signing_in import repository, sessions, tokens
from people.signing_in.errors import NotSignedIn
from people.signing_in.kinds import Method
from people.signing_in.models import ApiToken as TokenRow
from people.signing_in.models import SignIn as SignInRow

describe_enum(
    Method,
    "How a person showed who they are.",
    {
        "LINK": "By a link in an e-mail.",
        "PASSWORD": "By a password.",
        "OIDC": "By a sign-in service.",
    },
    name="SignInMethod",
)


@strawberry.type(description="A browser in which you are signed in.")
class SignIn(relay.Node):
    id: relay.NodeID[UUID]
    method: Method = strawberry.field(description="How you signed in.")
    device: str = strawberry.field(
        description="Browser and system as code words, such as `firefox_on_android`."
    )
    created_at: datetime = strawberry.field(description="When you signed in.")
    seen_at: datetime = strawberry.field(
        description="When it was used last, to within five minutes."
    )
    is_current: bool = strawberry.field(description="Whether this request came with it.")

    @classmethod
    def of(cls, row: SignInRow, current: UUID | None) -> SignIn:
        return cls(
            id=row.id,
            method=row.method,
            device=row.device,
            created_at=row.created_at,
            seen_at=row.seen_at,
            is_current=row.id == current,
        )

    @classmethod
    async def resolve_nodes(  # type: ignore[override]  # one signature for its three overloads
        cls, *, info: Info, node_ids: Iterable[str], required: bool = False
    ) -> list[SignIn | None]:
        current = info.context.session_id
        return await resolve_rows(
            info,
            node_ids,
            repository.load_sign_ins,
            lambda row: cls.of(row, current),
            scope="admin:read",
        )


@strawberry.type(description="A program that acts for you, within its scopes.")
class ApiToken(relay.Node):
    id: relay.NodeID[UUID]
    name: str = strawberry.field(description="What you called it.")
    scopes: list[str] = strawberry.field(
        description="What it may do, such as `requests:read`; never more than you may."
    )
    created_at: datetime = strawberry.field(description="When it was made.")
    expires_at: datetime = strawberry.field(description="When it ends by itself.")
    last_used_at: datetime | None = strawberry.field(
        description="In which hour it was used last; null while it was not."
    )
    revoked_at: datetime | None = strawberry.field(
        description="When it was revoked; null while it was not."
    )

    @classmethod
    def of(cls, row: TokenRow) -> ApiToken:
        return cls(
            id=row.id,
            name=row.name,
            scopes=list(row.scopes),
            created_at=row.created_at,
            expires_at=row.expires_at,
            last_used_at=row.last_used_at,
            revoked_at=row.revoked_at,
        )

    resolve_nodes = found_by(repository.load_tokens, scope="admin:read")


@strawberry.input(description="Where to sign out.")
class SignOutInput:
    sign_in_id: relay.GlobalID = strawberry.field(description="One of your sign-ins.")


@strawberry.input(description="Where to stay signed in.")
class SignOutElsewhereInput:
    keep_this: bool = strawberry.field(
        default=True, description="Whether the sign-in of this request stays; true by default."
    )


@strawberry.input(description="A token to make.")
class CreateApiTokenInput:
    name: str = strawberry.field(description="What it is for, in 1 to 100 characters.")
    scopes: list[str] = strawberry.field(
        description="`AREA:read` or `AREA:write`, where AREA is one of people, requests, "
        "volunteers, storms, rounds, offers, messages, areas, webhooks, admin."
    )
    days: int = strawberry.field(
        default=tokens.USUAL_DAYS, description="For how long, from 1 to 365 days; 90 by default."
    )


@strawberry.input(description="A token to end.")
class RevokeApiTokenInput:
    token_id: relay.GlobalID = strawberry.field(description="One of your tokens.")


@strawberry.type(description="You were signed out.")
class SignOutPayload:
    ended_count: int = strawberry.field(description="In how many browsers.")


@strawberry.type(description="A token was made.")
class CreateApiTokenPayload:
    secret: str = strawberry.field(
        description="The token itself, for the header `Authorization: Bearer ...`. It is shown "
        "this once and kept nowhere."
    )
    token: ApiToken = strawberry.field(description="The token as the list shows it.")


@strawberry.type(description="A token was revoked.")
class RevokeApiTokenPayload:
    token: ApiToken = strawberry.field(description="The token as it is now.")


@strawberry.type
class TokenQuery:
    @query(
        description="The browsers in which you are signed in, the newest first.",
        who=Who.SIGNED_IN,
        scope="admin:read",
    )
    async def sign_ins(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[SignIn]:
        current = info.context.session_id
        listing = repository.list_sign_ins(info.context.actor)
        return await connect(
            info, listing, lambda row: SignIn.of(row, current), first=first, after=after
        )

    @query(
        description="Your API tokens, the newest first, with those that were revoked.",
        who=Who.STAFF,
        scope="admin:read",
    )
    async def api_tokens(
        self, info: Info, first: First = FIRST, after: After = None
    ) -> Connection[ApiToken]:
        listing = repository.list_tokens(info.context.actor)
        return await connect(info, listing, ApiToken.of, first=first, after=after)


@strawberry.type
class TokenMutation:
    @mutation(
        SignOutPayload,
        description="Sign out of one browser; it ends on the server at once. Not for API tokens.",
        who=Who.SIGNED_IN,
        scope="admin:write",
    )
    async def sign_out(
        self,
        info: Info,
        input: Annotated[SignOutInput, strawberry.argument(description="Where.")],
    ) -> SignOutPayload:
        key = find_id(input.sign_in_id, "SignIn")
        async with info.context.begin() as session:
            await sessions.end_sign_in(session, info.context.actor, key, now=info.context.now)
        return SignOutPayload(ended_count=1)

    @mutation(
        SignOutPayload,
        description="Sign out everywhere else, or everywhere. Not for API tokens.",
        who=Who.SIGNED_IN,
        scope="admin:write",
    )
    async def sign_out_elsewhere(
        self,
        info: Info,
        input: Annotated[SignOutElsewhereInput, strawberry.argument(description="What stays.")],
    ) -> SignOutPayload:
        besides = info.context.session_id if input.keep_this else None
        async with info.context.begin() as session:
            count = await sessions.end_other_sign_ins(
                session, info.context.actor, besides=besides, now=info.context.now
            )
        return SignOutPayload(ended_count=count)

    @mutation(
        CreateApiTokenPayload,
        description="Make an API token for yourself. Not for API tokens: sign in as a person.",
        who=Who.STAFF,
        scope="admin:write",
    )
    async def create_api_token(
        self,
        info: Info,
        input: Annotated[CreateApiTokenInput, strawberry.argument(description="Which.")],
    ) -> CreateApiTokenPayload:
        new = tokens.NewToken(name=input.name, scopes=input.scopes, days=input.days)
        async with info.context.begin() as session:
            made = await tokens.create_token(
                session, info.context.actor, _person_of(info), new, now=info.context.now
            )
        return CreateApiTokenPayload(secret=made.secret, token=ApiToken.of(made.row))

    @mutation(
        RevokeApiTokenPayload,
        description="End an API token of yours at once. Doing it twice is fine.",
        who=Who.STAFF,
        scope="admin:write",
    )
    async def revoke_api_token(
        self,
        info: Info,
        input: Annotated[RevokeApiTokenInput, strawberry.argument(description="Which.")],
    ) -> RevokeApiTokenPayload:
        key = find_id(input.token_id, "ApiToken")
        async with info.context.begin() as session:
            row = await tokens.revoke_token(
                session, info.context.actor, _person_of(info), key, now=info.context.now
            )
        return RevokeApiTokenPayload(token=ApiToken.of(row))


def _person_of(info: Info) -> UUID:
    """Who signed in; the product itself has no tokens."""
    person_id = info.context.actor.person_id
    if person_id is None:
        raise NotSignedIn("Sign in first.")
    return person_id

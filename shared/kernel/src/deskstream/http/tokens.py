"""Bearer tokens: JWTs of one issuer, checked against its published keys."""

import asyncio
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Annotated

import httpx
import structlog
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, Field

from deskstream.access import Principal
from deskstream.decider import Role

ALGORITHMS = ("RS256", "ES256", "EdDSA", "Ed25519")
LONGEST_TOKEN = 8192
CACHED_TOKENS = 4096
LEEWAY = 5
# Between two looks at the issuer's keys: at least, for a key that is not known; at most, so that
# a key that was withdrawn stops working.
SOONEST_FETCH = 30.0
LATEST_FETCH = 300.0
FETCH_TIMEOUT = 2.0

log = structlog.stdlib.get_logger(__name__)


class Unauthenticated(Exception):
    """There is no token, or none that says reliably who calls."""


class KeysUnavailable(Exception):
    """The issuer's keys cannot be had, so nobody can be recognised."""


class _Claims(BaseModel):
    """What a token must and may say; everything else was checked with the signature."""

    sub: Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00]+$")]
    role: Role
    exp: float
    org: str | None = None
    groups: frozenset[str] = frozenset()
    scope: str = ""

    def principal(self) -> Principal:
        scopes = frozenset(self.scope.split())
        return Principal(self.sub, self.role, self.groups, self.org, scopes, expires_at=self.exp)


@dataclass
class TokenVerifier:
    """Turns tokens into callers.

    Args:
        issuer: whose tokens are accepted.
        audience: for whom they must have been made.
        jwks: the issuer's public keys, a file or an http(s) address.
    """

    issuer: str
    audience: str
    jwks: str
    _check: Callable[[str], Principal] | None = field(default=None, init=False)
    _fetched: float = field(default=float("-inf"), init=False)
    _fetching: asyncio.Lock = field(default_factory=asyncio.Lock, init=False)

    def __post_init__(self) -> None:
        self._required = jwt.JWTClaimsRegistry(
            leeway=LEEWAY,
            iss={"essential": True, "value": self.issuer},
            aud={"essential": True, "value": self.audience},
            exp={"essential": True},
        )

    async def verify(self, token: str) -> Principal:
        """The caller that a token names.

        Raises:
            Unauthenticated: the token is not valid, or not any more.
            KeysUnavailable: the issuer's keys cannot be had.
        """
        if len(token) > LONGEST_TOKEN:
            raise Unauthenticated
        try:
            try:
                principal = (await self._checking(LATEST_FETCH))(token)
            except InvalidKeyIdError:
                principal = (await self._checking(SOONEST_FETCH))(token)
        except (JoseError, ValueError) as error:
            raise Unauthenticated from error
        if principal.expires_at + LEEWAY <= time.time():
            raise Unauthenticated
        return principal

    async def _checking(self, oldest: float) -> Callable[[str], Principal]:
        """The check with keys that are at most `oldest` seconds old, if such can be had.

        Those that were read before stay good meanwhile.
        """
        asked = time.monotonic()
        if self._check is None or asked - self._fetched > oldest:
            async with self._fetching:
                if self._fetched < asked:  # else somebody just tried
                    await self._fetch()
        if self._check is None:
            raise KeysUnavailable
        return self._check

    async def _fetch(self) -> None:
        try:
            keys = KeySet.import_key_set(json.loads(await self._download()))
            self._check = lru_cache(CACHED_TOKENS)(partial(self._recognise, keys))
        except (httpx.HTTPError, OSError, ValueError, LookupError, JoseError) as error:
            log.warning("issuer's keys not read", jwks=self.jwks, error=repr(error))
        self._fetched = time.monotonic()

    def _recognise(self, keys: KeySet, token: str) -> Principal:
        claims = jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        self._required.validate(claims)
        return _Claims.model_validate(claims).principal()

    async def _download(self) -> str:
        if not self.jwks.startswith(("http://", "https://")):
            return await asyncio.to_thread(Path(self.jwks).read_text, encoding="utf-8")
        async with httpx.AsyncClient(timeout=FETCH_TIMEOUT) as client:
            return (await client.get(self.jwks)).raise_for_status().text

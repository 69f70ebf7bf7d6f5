"""A token issuer for machines without an identity provider: one key in one folder."""

import json
import secrets
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from joserfc import jwt
from joserfc.jwk import KeySet, RSAKey

from deskstream_platform.errors import PlatformError

ISSUER = "urn:deskstream:local"
AUDIENCE = "deskstream"
LIFETIME = 8 * 3600

_ALGORITHM = "RS256"
_BITS = 2048


class Role(StrEnum):
    """What somebody is to the service desk."""

    REQUESTER = "requester"
    CUSTOMER = "customer"
    AGENT = "agent"
    LEAD = "lead"
    OWNER = "owner"
    AUDITOR = "auditor"
    SERVICE = "service"


@dataclass(frozen=True)
class Person:
    """Whom a token speaks for, and what it may do."""

    name: str
    role: str
    org: str | None = None
    groups: Sequence[str] = ()
    scopes: Sequence[str] = ()


def issue_token(folder: Path, person: Person, lifetime: int = LIFETIME) -> str:
    """A signed token, valid from now on for `lifetime` seconds."""
    if person.role not in set(Role):
        raise PlatformError(f"There is no role {person.role}: choose one of {', '.join(Role)}.")
    key = _private_key(folder)
    now = int(time.time())
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": person.name,
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_hex(8),
        "role": person.role,
        "org": person.org,
        "groups": list(person.groups),
        "scope": " ".join(person.scopes),
    }
    header = {"alg": _ALGORITHM, "kid": key.kid}
    return jwt.encode(header, {name: c for name, c in claims.items() if c is not None}, key)


def public_keys(folder: Path) -> Path:
    """The JWKS file by which services check the tokens of this folder."""
    path = folder / "jwks.json"
    public = KeySet([_private_key(folder)]).as_dict(private=False)
    _write(path, public, mode=0o644).replace(path)
    return path


def _private_key(folder: Path) -> RSAKey:
    path = folder / "issuer.json"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        key = RSAKey.generate_key(_BITS, {"use": "sig", "alg": _ALGORITHM}, auto_kid=True)
        _keep_first(_write(path, key.as_dict(private=True), mode=0o600), path)
    return _imported(path.read_text())


@lru_cache(maxsize=4)
def _imported(text: str) -> RSAKey:
    """Checking the key's numbers takes longer than all the rest of a token."""
    return RSAKey.import_key(json.loads(text))


def _write(path: Path, content: Mapping[str, object], mode: int) -> Path:
    draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    draft.touch(mode)
    draft.write_text(json.dumps(content))
    return draft


def _keep_first(draft: Path, path: Path) -> None:
    """Of two that make the key at once, the second takes the key of the first."""
    with suppress(FileExistsError):
        path.hardlink_to(draft)
    draft.unlink()

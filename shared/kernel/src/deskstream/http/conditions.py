"""What a request says about itself: who asks, on which version it stands, whether it is new."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import Request, Response

from deskstream.access import Principal
from deskstream.answers import Answer
from deskstream.http.problems import Problem
from deskstream.http.routes import Given, Route

_TAG = r'(?:W/)?"[^"]*"'
_TAGS = re.compile(rf"\s*(?:\*|{_TAG}(?:\s*,\s*{_TAG})*)\s*")
_KEY = re.compile(r"[\x21-\x7e]{1,255}")


@dataclass(frozen=True, slots=True)
class Look:
    """A request to read."""

    by: Principal
    request: Request

    def found(self, version: int, body: str) -> Response:
        """The answer with this version of an item, or 304 if the caller has it."""
        etag = entity_tag(version)
        headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
        known = self.request.headers.get("if-none-match", "")
        if known.strip() == "*" or etag in re.findall(r'"[^"]*"', known):
            return Response(status_code=304, headers=headers)
        return json_response(body, headers=headers)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to change something.

    Args:
        if_match: the versions that it may stand on; None when any will do.
        key: digest of subject, method, path and Idempotency-Key, if one was sent.
        fingerprint: digest of the body.
    """

    by: Principal
    if_match: str | None = None
    key: bytes | None = None
    fingerprint: bytes = b""

    def require(self, version: int) -> None:
        """Refuse to go on from a version that the caller has not seen."""
        if self.if_match is None or self.if_match.strip() == "*":
            return
        # If-Match compares strongly: a weak tag never matches.
        if entity_tag(version) not in re.findall(_TAG, self.if_match):
            detail = f"It is at version {version} now. Read it again, and decide anew."
            raise Problem(412, "version-changed", detail, headers={"ETag": entity_tag(version)})

    def answer(self, status: int, headers: Mapping[str, str], body: str) -> Answer | None:
        """What is to be kept under the request's key, if it has one."""
        return Answer(self.key, self.fingerprint, status, headers, body) if self.key else None


async def _ask(request: Request) -> Ask:
    await _refuse_undeclared(request)
    by: Principal = request.scope["principal"]
    if_match = request.headers.get("if-match")
    if if_match is not None and not _TAGS.fullmatch(if_match):
        detail = 'If-Match must hold entity tags, such as `"7"`.'
        raise Problem(400, "bad-if-match", detail, field="If-Match")
    key = request.headers.get("idempotency-key")
    if key is None:
        return Ask(by, if_match)
    if not _KEY.fullmatch(key):
        detail = "Idempotency-Key must be 1 to 255 visible ASCII characters."
        raise Problem(400, "bad-idempotency-key", detail, field="Idempotency-Key")
    named = f"{by.name}\0{request.method}\0{request.url.path}\0{key}"
    fingerprint = hashlib.sha256(await request.body()).digest()
    return Ask(by, if_match, hashlib.sha256(named.encode()).digest(), fingerprint)


async def _look(request: Request) -> Look:
    await _refuse_undeclared(request)
    return Look(request.scope["principal"], request)


async def _refuse_undeclared(request: Request) -> None:
    """A misspelt `as_of` must not show what is now, nor a body be lost on a route without one."""
    route: Route = request.scope["route"]
    known = route.query_names
    if known is not None and (unknown := set(request.query_params) - known):
        listed = ", ".join(sorted(known)) or "none"
        detail = f"There is no such parameter here. Known: {listed}."
        raise Problem(422, "unknown-parameter", detail, field=min(unknown)[:100])
    if route.body_field is None and (await request.body()).strip() not in {b"", b"{}", b"null"}:
        raise Problem(422, "unexpected-body", "Nothing is said in a body here.", field="body")


def _header(name: str, description: str) -> dict[str, Any]:
    return {"name": name, "description": description, "schema": {"type": "string"}}


_HEADERS = (
    _header("If-Match", 'Change only this version, such as `"7"`.'),
    _header("Idempotency-Key", "The same key and body give the same answer once."),
)
Asked = Annotated[Ask, Given(_ask, _HEADERS)]
Reading = Annotated[Look, Given(_look)]


def entity_tag(version: int) -> str:
    """The ETag of a stream's version."""
    return f'"{version}"'


def json_response(
    body: str, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """An answer whose body is JSON already."""
    return Response(body, status, headers, "application/json")

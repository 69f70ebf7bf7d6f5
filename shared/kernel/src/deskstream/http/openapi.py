"""The OpenAPI document: every operation says which problems it may answer with."""

from typing import Any

from fastapi import FastAPI
from pydantic import BaseModel


class Fault(BaseModel):
    """One thing that is wrong in a request. `pointer` is RFC 6901, into the body."""

    field: str
    detail: str
    source: str
    pointer: str | None = None


class ProblemDocument(BaseModel, extra="allow"):
    """RFC 9457 problem details.

    `detail` says what to do, `field` names the one that is wrong, and `trace_id` is to be quoted
    to whoever looks into it.
    """

    type: str
    title: str
    status: int
    detail: str
    trace_id: str
    field: str | None = None
    errors: list[Fault] | None = None


PROBLEMS = {
    "400": "The request cannot be read.",
    "401": "No valid token was sent.",
    "403": "The caller's role or scope does not allow it.",
    "404": "There is no such thing, or it is not for the caller to see.",
    "409": "The present state does not allow it.",
    "412": "Its version is not the one in If-Match.",
    "413": "The body is too large.",
    "422": "Something in the request is wrong.",
    "500": "Something failed on our side.",
    "503": "Not possible just now; Retry-After says when to try again.",
}
SCHEMAS = "#/components/schemas/"
FRAMEWORK_SCHEMAS = ("HTTPValidationError", "ValidationError")


def describe_problems(app: FastAPI) -> None:
    """Make `app.openapi()` tell of the problems that the kernel answers with."""
    generate = app.openapi

    def openapi() -> dict[str, Any]:
        known = app.openapi_schema
        document = generate()
        if document is not known:
            _describe(document)
        return document

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _describe(document: dict[str, Any]) -> None:
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for name in FRAMEWORK_SCHEMAS:
        schemas.pop(name, None)
    schemas["Problem"] = ProblemDocument.model_json_schema(ref_template=SCHEMAS + "{model}")
    schemas |= schemas["Problem"].pop("$defs")
    components["securitySchemes"] = {
        "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
    }
    content = {"application/problem+json": {"schema": {"$ref": SCHEMAS + "Problem"}}}
    components["responses"] = {
        f"Problem{status}": {"description": description, "content": content}
        for status, description in PROBLEMS.items()
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            for status in _statuses(path, method, operation):
                reference = {"$ref": f"#/components/responses/Problem{status}"}
                operation["responses"][status] = reference
            operation["responses"] = dict(sorted(operation["responses"].items()))


def _statuses(path: str, method: str, operation: dict[str, Any]) -> list[str]:
    statuses = {"400", "500", "503"}
    if "security" in operation:
        statuses |= {"401", "403"}
    if "{" in path:
        statuses.add("404")
    if "parameters" in operation or "requestBody" in operation:
        statuses.add("422")
    if "requestBody" in operation:
        statuses.add("413")
    if method != "get":
        statuses.add("409")
    if any(one["name"].lower() == "if-match" for one in operation.get("parameters", ())):
        statuses.add("412")
    return sorted(statuses)

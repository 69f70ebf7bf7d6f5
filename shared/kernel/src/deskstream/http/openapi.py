"""The OpenAPI document: every operation says which problems it may answer with."""

from typing import Any

from fastapi import FastAPI

PROBLEM_SCHEMA = {
    "type": "object",
    "description": "RFC 9457 problem details.",
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What to do."},
        "field": {"type": "string", "description": "The one field that is wrong."},
        "trace_id": {"type": "string", "description": "To be quoted to whoever looks into it."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "field": {"type": "string"},
                    "detail": {"type": "string"},
                    "source": {"type": "string"},
                    "pointer": {"type": "string", "description": "RFC 6901, into the body."},
                },
                "required": ["field", "detail", "source"],
            },
        },
    },
    "required": ["type", "title", "status", "detail", "trace_id"],
}
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
    schemas["Problem"] = PROBLEM_SCHEMA
    schema = {"$ref": "#/components/schemas/Problem"}
    content = {"application/problem+json": {"schema": schema}}
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
    told = {"400", "500", "503"}
    if "security" in operation:
        told |= {"401", "403"}
    if "{" in path:
        told.add("404")
    if "parameters" in operation or "requestBody" in operation:
        told.add("422")
    if "requestBody" in operation:
        told.add("413")
    headers = {parameter["name"].lower() for parameter in operation.get("parameters", ())}
    if method != "get":
        told.add("409")
    if "if-match" in headers:
        told.add("412")
    return sorted(told)

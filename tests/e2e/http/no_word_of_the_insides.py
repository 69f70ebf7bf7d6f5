"""What a refusal may tell of how a service is built: nothing."""

from a_service_desk import problem

# What would tell how the service is built, or what it stands on.
INSIDES = (
    "traceback",
    "asyncpg",
    "pydantic",
    "postgres",
    "site-packages",
    ".py",
    "select ",
    "syntax error",
    "fastapi",
    "recursion",
    "pg_",
    "exception",
)


def refused(answer, *status):
    """A problem that tells the caller what to do and nothing about the insides."""
    document = problem(answer, *(status or (400, 404, 405, 409, 413, 422)))
    text = answer.text.lower()
    assert [word for word in INSIDES if word in text] == []
    assert len(answer.content) < 100_000
    return document

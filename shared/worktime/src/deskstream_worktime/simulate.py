"""Service-level cases answered with the product's own calendars and stopwatches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from pydantic import TypeAdapter, ValidationError

from deskstream_worktime.cases import (
    AddInput,
    BetweenInput,
    CaseForm,
    EscalationInput,
    EventForm,
    Question,
    write_instant,
    write_seconds,
)
from deskstream_worktime.errors import WorktimeError
from deskstream_worktime.replay import Replay
from deskstream_worktime.stopwatch import Phase

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from deskstream_worktime.stopwatch import Stopwatch

Json: TypeAlias = dict[str, Any]
_OWN_CODES = frozenset({"invalid_instant", "naive_datetime", "invalid_seconds", "out_of_range"})


class _CaseError(WorktimeError):
    code = "invalid_case"


def simulate(cases: Iterable[object]) -> list[Json]:
    """Answer each case with ``{"id", "actual"}``, or ``{"id", "error": {"code", "detail"}}``.

    ``actual`` has the form of the case's ``expected``, whose answers are never read; its checks
    serve as questions where ``input`` has no ``ask``. A case without an answer, however
    malformed, leaves the others theirs.
    """
    return [_answered(case) for case in cases]


def _answered(case: object) -> Json:
    try:
        known = _identified(case)
        return {"id": known["id"], "actual": _KINDS[known["kind"]](known)}
    except ValidationError as invalid:
        return _refusal(case, *_first_fault(invalid))
    except WorktimeError as refused:
        return _refusal(case, refused.code, refused.detail)


def _identified(case: object) -> Json:
    if not isinstance(case, dict):
        raise _CaseError("A case is an object with id, kind, calendar and input.")
    if not isinstance(case.get("id"), str) or not case["id"]:
        raise _CaseError("Give the case an id, a text that is not empty.")
    if not isinstance(case.get("kind"), str) or case["kind"] not in _KINDS:
        raise _CaseError(f"The kind must be one of {', '.join(_KINDS)}.")
    return case


def _refusal(case: object, code: str, detail: str) -> Json:
    name = case.get("id") if isinstance(case, dict) else None
    return {"id": name, "error": {"code": code, "detail": detail}}


def _first_fault(invalid: ValidationError) -> tuple[str, str]:
    fault = invalid.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in fault["loc"])
    code = fault["type"] if fault["type"] in _OWN_CODES else _CaseError.code
    return code, f"{where}: {fault['msg']}" if where else fault["msg"]


def _add(case: Json) -> Json:
    form = CaseForm[AddInput].model_validate(case)
    calendar, asked = form.calendar.calendar(), form.input
    if asked.direction == "forward":
        due = calendar.add(asked.start, asked.seconds)
    elif asked.seconds:
        due = calendar.add(asked.start, -abs(asked.seconds))
    else:
        due = calendar.snap(asked.start, backward=True)
    return {"due": write_instant(due)}


def _between(case: Json) -> Json:
    form = CaseForm[BetweenInput].model_validate(case)
    working = form.calendar.calendar().between(form.input.start, form.input.end)
    return {"seconds": write_seconds(working)}


def _escalation(case: Json) -> Json:
    form = CaseForm[EscalationInput].model_validate(case)
    checks = _checks(case)
    answers = (_facts(form, question) for question in _QUESTIONS.validate_python(checks))
    return {
        "checks": [{**_echo(check), **facts} for check, facts in zip(checks, answers, strict=True)]
    }


def _checks(case: Json) -> list[Json]:
    asked, expected = case["input"].get("ask"), case.get("expected")
    if asked is None and isinstance(expected, dict):
        asked = expected.get("checks")
    if not isinstance(asked, list):
        raise _CaseError("Nothing is asked: give a list as input.ask, or as expected.checks.")
    return asked


def _echo(check: Json) -> Json:
    return {key: check[key] for key in ("target", "as_of", "until", "clock_start") if key in check}


def _facts(form: CaseForm[EscalationInput], question: Question) -> Json:
    events = sorted(form.input.events, key=lambda event: event.at)
    at = question.as_of or question.until or events[-1].at
    start = question.clock_start or _created(events)
    replay = Replay(question.target, start, form.calendar.calendar(), form.input.targets)
    replay.run(events, at)
    return _answers(replay, question, at)


def _answers(replay: Replay, question: Question, at: datetime) -> Json:
    stopwatch, level = replay.stopwatch, question.level
    answers: Json = {"breached": replay.breached(at), "paused": False}
    if stopwatch is not None:
        answers |= _readings(stopwatch, at)
    facts: Json = {name: answers.get(name) for name in question.want if name != "level"}
    if level is not None:
        fires_at = stopwatch.instant_at(level.offset_seconds) if stopwatch else None
        facts["level"] = {
            "offset_seconds": write_seconds(level.offset_seconds),
            "at": _written(fires_at),
        }
    return facts


def _readings(stopwatch: Stopwatch, at: datetime) -> Json:
    return {
        "due": _written(stopwatch.due),
        "elapsed_seconds": write_seconds(stopwatch.elapsed(at)),
        "paused_working_seconds": write_seconds(stopwatch.paused_working(at)),
        "paused": stopwatch.phase is Phase.PAUSED,
        "late_seconds": write_seconds(stopwatch.late_by(at)),
    }


def _created(events: list[EventForm]) -> datetime:
    created = next((event.at for event in events if event.type == "created"), None)
    if created is None:
        raise _CaseError("No event is of type created: give one, or clock_start in the check.")
    return created


def _written(at: datetime | None) -> str | None:
    return None if at is None else write_instant(at)


_KINDS: dict[str, Callable[[Json], Json]] = {
    "add": _add,
    "between": _between,
    "escalation": _escalation,
}
_QUESTIONS = TypeAdapter(list[Question])

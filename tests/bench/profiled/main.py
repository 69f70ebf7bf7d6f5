"""The incident service with a sampler of its processor time: `python -m profiled.main`.

The sampler takes the main thread's stack every few milliseconds of processor time, so other
programs on the machine do not count, and calls are not made slower the more of them there are. At
the end it writes, as JSON to the file PROFILE, how often each stack was seen.
"""

import json
import os
import runpy
import signal
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

EVERY = 0.002

_seen: Counter[tuple[CodeType, ...]] = Counter()


def _take(_number: int, frame: FrameType | None) -> None:
    stack = []
    while frame is not None:
        stack.append(frame.f_code)
        frame = frame.f_back
    _seen[tuple(reversed(stack))] += 1


def _forget(_number: int, _frame: FrameType | None) -> None:
    """The warm-up is over."""
    _seen.clear()


def _end(_number: int, _frame: FrameType | None) -> None:
    """What uvicorn raises again when it has stopped."""
    raise SystemExit


def main(target: Path) -> None:
    """Run the service until SIGTERM."""
    signal.signal(signal.SIGTERM, _end)
    signal.signal(signal.SIGUSR1, _forget)
    signal.signal(signal.SIGPROF, _take)
    signal.setitimer(signal.ITIMER_PROF, EVERY, EVERY)
    try:
        runpy.run_module("incident.main", run_name="__main__", alter_sys=True)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        stacks = [
            [[(code.co_filename, code.co_qualname) for code in stack], count]
            for stack, count in _seen.items()
        ]
        target.write_text(json.dumps(stacks))


if __name__ == "__main__":
    main(Path(os.environ["PROFILE"]))

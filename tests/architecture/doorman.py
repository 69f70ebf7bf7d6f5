"""Import a module and let no I/O in: the traceback shows who brought it along."""

import sys
from importlib import import_module

REFUSED = frozenset({"asyncio", "fastapi", "asyncpg", "aiokafka"})


class Doorman:
    """Stands before all other finders. No `except ImportError` quietens what it raises."""

    @staticmethod
    def find_spec(name, _path=None, _target=None):
        assert name not in REFUSED, f"{name} has no business in a pure room"


assert not REFUSED & sys.modules.keys()
sys.meta_path.insert(0, Doorman)
import_module(sys.argv[1])

"""Import a module, and all below it, and let no I/O in: the traceback shows who brought it."""

import sys
from importlib import import_module
from pkgutil import walk_packages

REFUSED = frozenset({"asyncio", "fastapi", "asyncpg", "aiokafka"})


class Doorman:
    """Stands before all other finders. No `except ImportError` quietens what it raises."""

    @staticmethod
    def find_spec(name, _path=None, _target=None):
        assert name not in REFUSED, f"{name} has no business in a pure room"


assert not REFUSED & sys.modules.keys()
sys.meta_path.insert(0, Doorman)
room = import_module(sys.argv[1])
for module in walk_packages(getattr(room, "__path__", ()), f"{room.__name__}."):
    import_module(module.name)

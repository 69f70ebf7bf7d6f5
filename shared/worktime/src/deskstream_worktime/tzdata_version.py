"""Which time zone rules results rest on, to be recorded beside them."""

from __future__ import annotations

import zoneinfo
from importlib import import_module


def tzdata_version() -> str:
    """Give the IANA version of the tzdata wheel, such as ``2025b``, if zoneinfo reads the wheel.

    ``system`` means that the host's own copy comes first, whose version is not known here: call
    ``zoneinfo.reset_tzpath(())`` where the process is put together, before the first calendar.
    """
    return "system" if zoneinfo.TZPATH else str(import_module("tzdata").IANA_VERSION)

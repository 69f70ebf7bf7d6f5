"""What the monitor has to be told besides what every service has."""

from deskstream.settings import Settings

__all__ = ["Settings"]

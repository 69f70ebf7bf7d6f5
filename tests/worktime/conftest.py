import sys
import zoneinfo
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # helpers are imported by name
zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host

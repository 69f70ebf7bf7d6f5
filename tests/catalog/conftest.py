import sys
import zoneinfo
from pathlib import Path

zoneinfo.reset_tzpath(())  # the rules that the project pins, not those of the host

sys.path.insert(0, str(Path(__file__).parent))  # an_agreement is imported by name

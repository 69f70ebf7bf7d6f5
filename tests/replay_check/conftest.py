import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # the computation is imported by name

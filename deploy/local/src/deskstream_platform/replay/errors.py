"""What may be wrong with a row, in one sentence."""


class UnreadableRow(Exception):
    """A row that is left out, and why; the others are read on."""

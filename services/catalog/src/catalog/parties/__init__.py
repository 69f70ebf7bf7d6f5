"""Parties as files tell of them: CSV with a header, and a row for each party."""

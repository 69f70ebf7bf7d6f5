"""Work on many incidents, in chunks: it goes on where it was, whoever does it."""

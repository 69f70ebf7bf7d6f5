"""Work on many tickets, in chunks: it goes on where it was, whoever does it."""

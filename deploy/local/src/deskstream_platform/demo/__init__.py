"""`deskstream demo`: an incident's story, then a real company's log, before the reader's eyes."""

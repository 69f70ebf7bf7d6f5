"""What all kinds of definitions have in common: they are versioned, named, refer and retire."""

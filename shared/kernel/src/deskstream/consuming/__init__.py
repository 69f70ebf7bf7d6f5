"""What other services tell: read once, in order, and made one's own."""

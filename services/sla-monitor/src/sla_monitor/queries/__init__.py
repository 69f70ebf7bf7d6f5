"""What can be read about clocks."""

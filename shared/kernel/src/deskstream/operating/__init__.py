"""What operators do from outside a service's process, and what generators read of its code."""

"""The HTTP surface that all services share."""

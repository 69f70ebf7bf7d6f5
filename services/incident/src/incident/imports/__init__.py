"""Histories of another tool, told step by step in the order in which they happened."""

"""Orders by which policies are applied to tickets that are open already."""

"""Who did what, why somebody may see something, and seeing the product as somebody else."""

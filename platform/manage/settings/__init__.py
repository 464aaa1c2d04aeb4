"""What administrators set for their group."""

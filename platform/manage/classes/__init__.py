"""Classes with their pupils, prep groups, and moving up a school year."""

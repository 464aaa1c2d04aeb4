"""Classes with their pupils and teachers."""

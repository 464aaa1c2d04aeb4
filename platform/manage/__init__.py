"""Manage: what administrators do for their group and campuses, one package for each kind of work."""

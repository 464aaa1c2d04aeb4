"""Campuses with their profile and rooms, divisions, departments and committees."""

"""Prep groups: who is in them by teaching, who by hand, who leads them."""

"""Stages, grades, subjects and the textbook tree."""

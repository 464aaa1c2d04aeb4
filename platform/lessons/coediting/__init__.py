"""Lesson plans as shared documents: kept, relayed, and changed by many at once."""

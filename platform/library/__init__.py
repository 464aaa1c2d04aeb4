"""Resources: files of every kind, kept safely, described in the field's terms, shared across campuses."""

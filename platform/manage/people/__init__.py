"""People: the list, a person's card, postings, honours and roles."""

"""People: the list of the staff, a person's card, postings, honours, roles, and handing over."""

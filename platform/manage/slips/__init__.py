"""Papers with secrets: password slips for staff, cards for pupils; made many at once, printed, and then forgotten."""

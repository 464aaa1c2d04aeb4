"""Rights: why somebody may see something, seeing as somebody else, and what was done."""

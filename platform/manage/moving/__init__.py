"""升级: the classes of a campus move up into a new school year."""

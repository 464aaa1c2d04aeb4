"""Finding a time that suits every campus, and everything said about it."""

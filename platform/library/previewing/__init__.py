"""What the worker makes of a file: its text page by page, pictures of its pages, a poster, a stream."""

"""同义词: words that the search takes for one another, kept by those who know the subject."""

"""Groups of schools, their campuses and people, who may do what, and signing in."""

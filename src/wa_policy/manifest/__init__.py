"""One manifest: its parts as subjects for rules, its secrets, and what others would misread in it."""

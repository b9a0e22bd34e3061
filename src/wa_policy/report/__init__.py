"""What a run found, and the formats that print it."""

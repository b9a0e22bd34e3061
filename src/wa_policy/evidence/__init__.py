"""What proves a claim: files that a manifest refers to."""

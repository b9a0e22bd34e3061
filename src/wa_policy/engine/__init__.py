"""The way from paths to a report."""

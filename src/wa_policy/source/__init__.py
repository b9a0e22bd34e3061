"""Bytes to documents: found, read within limits, every key and value with its place."""

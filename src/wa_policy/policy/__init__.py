"""What counts as ready: policies as people write them, and as one resolved table."""

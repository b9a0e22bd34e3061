"""What is kept between runs: where, how it is written so that nothing half-written is ever read, and how much of it."""

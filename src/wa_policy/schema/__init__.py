"""What may be written, decided and explained."""

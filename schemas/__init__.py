"""What may be written: JSON Schemas, draft 2020-12, one file per kind."""

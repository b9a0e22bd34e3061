"""The bundled rules: one module per step of the checklist, each a plugin like anybody else's."""

"""The bundled rules. Each module with rules is a plugin like anybody else's; an underscore marks what several of them share."""

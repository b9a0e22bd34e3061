"""The words by which a key says that its value is a credential, and what shows a token: for all who report or hide one.

Each uses them as strictly as it must. Who reports a credential (``manifest.secrets``) wants a key that ends with such a word;
who merely leaves a value out of a message hides rather too much.
"""

WORDS = (
    "password|passwd|passphrase|passcode|secret|token|(?:api|auth|access|private|secret|signing)[ _-]?key|"
    "authori[sz]ation|authentication|credential|bearer"
)
"""As a pattern, in lower case: with anything before them, as in ``db_password``."""

SHORT_WORDS = ("pin", "pwd", "pass", "auth")
"""Those that are a part of too much else (shopping, author): only as a word of their own, as in ``admin_pin``."""

ISSUED_BY_META = r"\bEAA[A-Za-z0-9]{20,}"
"""What Meta's access tokens look like."""

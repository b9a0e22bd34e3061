"""What a cell says of a user's consent: what opt_in.sql makes of it, for who reads a file without SQL."""

WHITE_SPACE = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\xad\u1680\u180e\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
    "\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u202f\u205f\u2060\u2066\u2067\u2068\u2069\u3000\ufeff"
)
"""White space of all kinds, and marks without width: those of opt_in.sql."""
KINDS = {
    "numeric": ("1", "0", "1.0", "0.0"),
    "words": ("yes", "no", "y", "n", "t", "f", "on", "off"),
    "sms_vocabulary": (
        *(
            "optin",
            "optout",
            "opt-in",
            "opt-out",
            "opt_in",
            "opt_out",
            "opted_in",
            "opted_out",
            "opted-in",
            "opted-out",
        ),
        *("opt-in pending", "opt-inpending", "subscribed", "unsubscribed", "in", "out"),
    ),
}
"""Words that MoEngage does not take for TRUE or FALSE, by kind of dirt: those of opt_in.sql."""

_STATUSES = {"true": "true", "false": "false", "": "blank", "null": "blank"}


def classify(value: str) -> tuple[str, str]:
    """The status that a cell stands for (true, false, blank, invalid), and its kind of dirt, empty for none."""
    lower = value.lower()
    if status := _STATUSES.get(lower):
        return status, ""
    word = lower.strip(WHITE_SPACE)
    if status := _STATUSES.get(word):
        return status, "spaces"
    return "invalid", next((kind for kind, words in KINDS.items() if word in words), "other")

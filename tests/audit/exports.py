"""An export of MoEngage's as tests of the command have it, and what every call of the command says."""

AT = "2026-11-20T06:30:00Z"
OUT = "evidence/opt-in-audit.json"
INSTALL = "python -m pip install 'wa-policy[audit]'"
HEADER = "ID,Mobile Number (Standard),WhatsApp Subscription Status\n"
USERS = HEADER + "".join(
    f"u{number},9198123456{number:02},{status}\n"
    for number, status in enumerate(["TRUE"] * 6 + ["FALSE"] + ["", " "] + ["yes"])
)

"""wa-policy: is a MoEngage workspace ready to send WhatsApp messages?

The rule author's door is :mod:`wa_policy.api`; the command line is :mod:`wa_policy.cli.main`.
"""

import os as _os

__version__ = "0.1.0"

FINDINGS, WRONG_USE, INCOMPLETE = 1, 2, 3
"""What commands end with, beside 0; docs/reference/exit-codes.md says when. Here, since every start imports this anyway."""

if not _os.path.isdir(
    _os.path.join(__path__[0], "plugins")
):  # an editable install of a checkout without symbolic links
    __path__.append(_os.path.dirname(_os.path.dirname(__path__[0])))

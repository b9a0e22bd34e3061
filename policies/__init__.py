"""What counts as ready: the packs ``draft``, ``go-live`` and ``strict``, and the dated facts that rules stand on."""

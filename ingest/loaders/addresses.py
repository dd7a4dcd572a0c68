"""Which addresses a document may have."""


def web_address(url: str) -> str:
    """The address when a browser may follow it, else nothing: a document could say `javascript:`."""
    return url if url.startswith(("https://", "http://", "/")) and not url.startswith("//") else ""

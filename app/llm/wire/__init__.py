"""How providers are spoken to: bytes out, bytes in, and what they mean."""

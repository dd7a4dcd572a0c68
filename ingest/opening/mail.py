"""EML: what a mail says, without who sent it to whom and without what hangs on it."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import MIMEPart
from pathlib import Path
from typing import Any

from ingest.opening.parts import Closed, Part, part

LARGEST_WRITTEN = 0
NO_MAIL = "This file does not begin with the head of a mail. Save the mail anew as .eml."
ENCRYPTED = ("application/pkcs7-mime", "application/x-pkcs7-mime", "multipart/encrypted")
LOCKED = "This mail is encrypted. Use a copy that was saved after it was decrypted."
NO_TEXT = "This mail has no text of its own. Take its attachments out and ingest those."


def opened(data: bytes, folder: Path) -> list[Part]:
    """The body, as plain text if the mail has any such, and its subject as the title."""
    del folder
    mail = message_from_bytes(data.lstrip(), policy=policy.default)
    if not ({"from", "subject", "date", "received"} & {name.lower() for name in mail}):
        raise Closed(NO_MAIL)
    if mail.get_content_type() in ENCRYPTED:
        raise Closed(LOCKED)
    body = mail.get_body(("plain", "html"))
    if body is None or body.get_content_maintype() != "text":
        raise Closed(NO_TEXT)
    subject = " ".join(str(mail["subject"] or "").split())
    if body.get_content_subtype() == "html":
        return [part("html", _text(body), subject)]
    return [part("markdown", _text(body), subject)]


def _text(body: MIMEPart[Any, Any]) -> str:
    """As the mail says that it is written, which is not always true."""
    data = body.get_payload(decode=True)
    raw = data if isinstance(data, bytes) else str(data).encode("utf-8", "replace")
    try:
        return raw.decode(body.get_content_charset("utf-8"))
    except (UnicodeDecodeError, LookupError):
        return raw.decode("cp1252", "replace")

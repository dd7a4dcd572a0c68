"""The words and signs before a number that make it the number of an order, a page or a price."""

import re

_NUMBERED = re.compile(
    r"(?:\b(?:order|ticket|tracking|invoice|case|ref(?:erence)?|po|rma|sku|serial|licen[cs]e|passport|"
    r"member(?:ship)?|student|isbn|issn|ean|upc|gtin|doi|article|item|part|model|version|build|"
    r"firmware"
    r"|booking|reservation|confirmation|account|customer|policy|coupon|voucher|parcel|shipment|"
    r"coordinates?|lat|lon|id|error|code|commit|hash|zip|price|total"
    r"|amount|flight|room|chapter|page|rfc|port|pid|bug|issue|pr|job)\b[\s:#.=-]*(?:no|nr|number|num|"
    r"id|code)?[\s.:#=-]*(?:is\s+)?[\"']?|[#$€£/_]\s?|[A-Z]{2,}-)$",
    re.IGNORECASE,
)


def is_numbered(text: str, start: int) -> bool:
    """Whether such words announce the number that starts here."""
    return bool(_NUMBERED.search(text[max(0, start - 30) : start]))

"""The audit of shown sentences against nothing but what they cite."""

from typing import Any

from app.insight.shown import carried


def citation(number: int, quote: str, title: str = "Plans") -> dict[str, Any]:
    return {"number": number, "document_id": "d", "version": 1, "title": title, "heading": "", "quote": quote}


def sentence(text: str, *citations: dict[str, Any]) -> dict[str, Any]:
    return {"text": text, "citations": list(citations)}


FREE = citation(1, "The Free plan has 5 users.")
REFUNDS = citation(3, "Refunds are not available.")


def test_a_claim_is_carried_by_what_it_cites_and_by_nothing_else() -> None:
    assert carried([sentence("The Free plan has 5 users. [1]", FREE)]) == [True]
    assert carried([sentence("The Free plan has 20 users. [1]", FREE)]) == [False]
    assert carried([sentence("Refunds are not available. [1]", FREE)]) == [False]
    assert carried([sentence("The Free plan has 5 users, and refunds are not available. [1][3]", FREE, REFUNDS)]) == [
        True
    ]


def test_a_claim_without_a_citation_is_not_carried_and_courtesy_is_no_claim() -> None:
    assert carried([sentence("The Free plan has 5 users.")]) == [False]
    assert carried([sentence("Is there anything else I can help you with?")]) == []
    assert carried([sentence("To reset your vault, follow these steps:"), sentence("## Reset your vault")]) == []
    assert carried([sentence("To get your 50 dollars back:")]) == [False]


def test_a_sentence_that_quotes_all_that_it_cites_is_carried() -> None:
    other = citation(2, "The Free plan has 20 users.")
    said = "Our articles differ: one says “The Free plan has 5 users [1]”, another “The Free plan has 20 users [2]”."
    assert carried([sentence(said, FREE, other)]) == [True]

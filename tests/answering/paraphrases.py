"""Questions that ask the same and questions that only look so: `python -m tests.answering.paraphrases > FILE`.

Each row has `asks`: two questions ask the same when they have the same, and then only. `made` says whether templates or
a person wrote it. The templates' paraphrases are easy, those that were written down are how people put it.
"""

import json
from collections.abc import Iterator
from itertools import product

HOW = (
    "How do I {}?", "How can I {}?", "how to {}", "What is the best way to {}?", "Hello, could you tell me how to {}?",
    "I want to {}, how do I do that?", "Is there a way to {}?", "Please tell me how to {}. Thanks a lot!",
)  # fmt: skip
TURNED = (
    ("enable the chat widget", "disable the chat widget"), ("add a person", "remove a person"),
    ("import articles", "export articles"), ("upload a document", "download a document"),
    ("publish a snapshot", "roll back a snapshot"), ("accept a draft", "discard a draft"),
    ("lock a conversation", "unlock a conversation"), ("subscribe to updates", "unsubscribe from updates"),
    ("start an ingest run", "cancel an ingest run"), ("show internal notes", "hide internal notes"),
    ("turn on e-mail notices", "turn off e-mail notices"), ("sign in", "sign out"), ("sign up", "sign in"),
    ("create an API key", "revoke an API key"), ("claim a conversation", "release a conversation"),
    ("allow a link host", "block a link host"), ("increase the budget", "decrease the budget"),
    ("back up the database", "restore the database"), ("invite an agent", "invite an admin"),
    ("encrypt a backup", "decrypt a backup"), ("sort articles in ascending order", "sort articles in descending order"),
    ("reset my PIN", "reset a customer's PIN"), ("delete all articles", "delete one article"),
    ("answer without a provider key", "answer with a provider key"), ("pay monthly", "pay yearly"),
    ("move from SQLite to PostgreSQL", "move from PostgreSQL to SQLite"),
    ("see the first answer", "see the last answer"), ("edit a published article", "edit an unpublished article"),
    ("reply to an agent", "reply to a customer"), ("read messages from Maya", "send messages to Maya"),
)  # fmt: skip
NUMBERED = (
    ("Can I upload {} megabytes at once?", ("10", "25", "2.5", "250")),
    ("How do I keep conversations for {} days?", ("7", "30", "90", "365")),
    ("What does the plan for {} agents cost?", ("two", "5", "10", "50")),
    ("Does version {} support PostgreSQL?", ("1.2", "1.3", "2.1", "12")),
    ("Why do I get error {}?", ("401", "403", "404", "429")),
    ("Is a budget of ${} a day enough?", ("2", "20", "200", "0.20")),
    ("Can one answer have more than {} sentences?", ("3", "six", "12", "20")),
    ("What happens after {} hours?", ("1", "12", "24", "48")),
)
NAMED = (
    ("How do I connect {}?", ("OpenAI", "Anthropic", "Mistral", "Gemini", "Bedrock", "Ollama")),
    ("Does the widget work in {}?", ("Firefox", "Safari", "Chrome", "Edge")),
    ("Can {} publish a snapshot?", ("agents", "admins", "owners", "customers")),
    ("How do I ingest {} files?", ("CSV", "HTML", "Markdown", "JSONL")),
    ("Is there an app for {}?", ("Android", "iOS", "Windows", "Linux")),
    ("Who is {}?", ("Maya Lind", "Jonas Lind", "Maya Berg")),
    ("Can I answer in {}?", ("German", "French", "Spanish", "Dutch")),
    ("How do I use Microsoft {}?", ("Teams", "Word", "Outlook")),
)
DENIED = (
    ("Why can I {}?", "Why can't I {}?", "Why can I only {}?"),
    ("What happens if I {}?", "What happens if I do not {}?", "What happens before I {}?"),
    ("Do I have to {}?", "Can I {}?", "When do I {}?"),
    ("Who may {}?", "Who may not {}?", "Where do I {}?"),
)
ACTS = ("publish a snapshot", "rate an answer", "change the embedding model", "delete an article", "use two models")
EXCHANGED = (
    ("Can agents invite admins?", "Can admins invite agents?"),
    ("Does the cheap model check the strong model?", "Does the strong model check the cheap model?"),
    ("Is a snapshot part of a run?", "Is a run part of a snapshot?"),
    ("Are drafts faster than answers?", "Are answers faster than drafts?"),
    ("How do I forward mail from Maya to Jonas?", "How do I forward mail from Jonas to Maya?"),
    ("What is your address?", "What is my address?"),
    ("Can you see my messages?", "Can I see your messages?"),
    ("How do I pay you?", "How do you pay me?"),
    ("How does the customer rate the agent?", "How does the agent rate the customer?"),
    ("Can I delete their account?", "Can I delete my account?"),
    ("Are passages longer than 500 characters cut?", "Are passages shorter than 500 characters cut?"),
    ("Is the price with VAT?", "Is the price without VAT?"),
    ("Do I get the notice before the renewal?", "Do I get the notice after the renewal?"),
    ("May I use more than one key?", "May I use only one key?"),
    ("How much storage do I get?", "How much storage do I need?"),
    ("How long does an export take?", "How often does an export run?"),
    ("Is the trial free?", "Is the trial really not free?"),
    ("Can a closed conversation be opened again?", "Can an open conversation be closed again?"),
    ("Which documents are public?", "Which documents are private?"),
    ("What is the minimum length?", "What is the maximum length?"),
    ("Will my data be deleted?", "Was my data deleted?"),
    ("Can you see my token?", "Can I see my token?"),
    ("How do you store my data?", "How do I store my data?"),
    ("How do I close an episode?", "I have closed an episode"),
    ("Who can I invite?", "Who can invite me?"),
    ("Do I need a key or a token?", "Do I need a key and a token?"),
    ("Do customers have to register?", "Do customers register?"),
    ("When must I pay?", "When can I pay?"),
    ("Do I get a discount?", "Should I get a discount?"),
    ("Is 2 GB enough for 3 sources?", "Is 3 GB enough for 2 sources?"),
    ("Does it run every day?", "Does it run every other day?"),
    ("Why was my card declined?", "When was my card declined?"),
    ("What is in the log of this month?", "What is in the log of last month?"),
    ("Can I add a tag to a note?", "Can I add a note to a tag?"),
    ("Do I need at least 4 cores?", "Do I need at most 4 cores?"),
    ("Is C supported?", "Is C++ supported?"),
    ("Where do I find my notes?", "When do I find my notes?"),
    ("What's in a backup?", "What isn't in a backup?"),
    ("Where can I see my key?", "Where can I get my key?"),
    ("Ist das Widget an?", "Ist das Widget aus?"),
    ("Kann ich mit Karte zahlen?", "Kann ich ohne Karte zahlen?"),
    ("Ist die Testphase kostenlos?", "Ist die Testphase nicht kostenlos?"),
    ("如何删除账户？", "如何恢复账户？"),
)  # fmt: skip
WRITTEN: dict[str, tuple[str, ...]] = {
    "reset password": (
        "How do I reset my password?", "I forgot my password, what now?", "password reset how",
        "How can I reset my password",
        "I'd like to reset my password", "I can't remember my password anymore", "Where do I reset my password?",
    ),
    "cost": (
        "How much does the Pro plan cost?", "What does the Pro plan cost?", "What is the price of the Pro plan?",
        "Pro plan price?", "How expensive is Pro?",
    ),
    "delete account": (
        "How do I delete my account?", "I want to delete my account", "How can I remove my account?",
        "Please close my account", "How do I get rid of my account?", "Is there any way to delete my account?",
    ),
    "export": (
        "Can I export conversations as CSV?", "Is it possible to export conversations as CSV?",
        "Am I able to export conversations as CSV?", "Can one get the conversations out as a CSV file?",
    ),
    "change email": (
        "How do I change my email address?", "How can I update my e-mail address?", "I need to change my email",
        "How to edit my email address", "I have a new mail address, where do I put it?",
    ),
    "refund": (
        "How do I get a refund?", "I'd like to get a refund", "How can I obtain a refund?", "I want my money back",
        "What is the way to get a refund?",
    ),
    "person": (
        "When are your agents available?", "When are agents available?", "At what times can I reach your agents?",
        "When is the support team there?",
    ),
    "limit": (
        "What is the maximum size of a document?", "What's the max size of a document?", "How large may a document be?",
        "What is the maximum document size?",
    ),
    "cancel": (
        "How do I cancel my subscription?", "I want to cancel my subscription please",
        "How can I terminate my subscription?",
        "How do I stop paying for this?", "hey, how do i cancel my subscription",
    ),
    "invoice": (
        "Where do I find my invoices?", "Where can I find my invoices?", "Where are my bills?",
        "Where can I see my invoices?",
    ),
    "safe": (
        "Is my data encrypted?", "Is my data encrypted", "Do you encrypt my data?", "Are you encrypting our data?",
    ),
    "phone": ("Can I use it on my phone?", "Does it work on mobile?", "Is there a mobile version?"),
}  # fmt: skip


def questions() -> list[dict[str, str]]:
    """All of them, each with an id."""
    rows = [*_made(), *_written()]
    return [{"id": f"q{number}", **row} for number, row in enumerate(rows, start=1)]


def _made() -> Iterator[dict[str, str]]:
    for act, form in product(dict.fromkeys(act for pair in TURNED for act in pair), HOW):
        yield _row(form.format(act), act, "template")
    for text in (form.format(filling) for form, fillings in (*NUMBERED, *NAMED) for filling in fillings):
        yield _row(text, text, "template")
        yield _row(f"Hi, {text[0].lower()}{text[1:]}", text, "template")
    denied = (form.format(act) for forms, act in product(DENIED, ACTS) for form in forms)
    for text in (*denied, *(text for pair in EXCHANGED for text in pair)):
        yield _row(text, text, "template")


def _written() -> Iterator[dict[str, str]]:
    for asks, texts in WRITTEN.items():
        for text in texts:
            yield _row(text, f"written: {asks}", "written")


def _row(text: str, asks: str, made: str) -> dict[str, str]:
    return {"text": text, "asks": asks, "made": made}


if __name__ == "__main__":
    for question in questions():
        print(json.dumps(question))

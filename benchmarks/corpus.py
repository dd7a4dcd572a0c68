"""Made-up help articles on numbered topics, and the answers that a good model would give to them."""

from pathlib import Path

TOPICS = 200
ANSWER_TOKENS = 100
SUBJECTS = (
    "invoices",
    "shipping labels",
    "team members",
    "password rules",
    "data exports",
    "calendar feeds",
    "refund requests",
    "webhooks",
)


def sentences(topic: int) -> list[str]:
    """Four sentences of about 24 words that the article on this topic holds."""
    subject = SUBJECTS[topic % len(SUBJECTS)]
    return [
        (
            f"Topic {topic} about {subject} is found under Settings in the left menu,"
            " where an owner can open it at any time of the day."
        ),
        (
            f"After a change to topic {topic} the page shows the saved state within {topic % 50 + 2} seconds"
            " and writes one line to the audit log."
        ),
        (
            f"An agent may read topic {topic} but cannot change {subject},"
            " because only owners and admins hold the right to edit these settings."
        ),
        (
            f"When topic {topic} is switched off, existing {subject} stay untouched for {topic % 30 + 10} days"
            " and are removed by the nightly job afterwards."
        ),
    ]


def write_articles(folder: Path) -> None:
    """One Markdown article a topic."""
    folder.mkdir(parents=True, exist_ok=True)
    for topic in range(TOPICS):
        subject = SUBJECTS[topic % len(SUBJECTS)]
        text = (
            f"---\ntitle: How topic {topic} works for {subject}\nslug: topic-{topic}\n---\n\n"
            + "\n\n".join(sentences(topic))
            + "\n"
        )
        (folder / f"topic-{topic}.md").write_text(text)


def question(topic: int) -> str:
    """A question that the article on this topic answers."""
    return f"How does topic {topic} work for {SUBJECTS[topic % len(SUBJECTS)]}?"


def answer_tokens(topic: int) -> list[str]:
    """The article's sentences, cited, in `ANSWER_TOKENS` pieces."""
    words = " ".join(f"{sentence} [1]" for sentence in sentences(topic)).split(" ")
    pieces = [word + " " for word in words]
    while len(pieces) < ANSWER_TOKENS:
        longest = max(range(len(pieces)), key=lambda at: len(pieces[at]))
        word = pieces[longest]
        pieces[longest : longest + 1] = [word[: len(word) // 2], word[len(word) // 2 :]]
    return pieces[:ANSWER_TOKENS] if len(words) > ANSWER_TOKENS else pieces


def first_sentence_token(topic: int) -> int:
    """The number of the token that ends the first sentence, its citation included."""
    text = ""
    for at, token in enumerate(answer_tokens(topic)):
        text += token
        if "[1] " in text:
            return at
    return ANSWER_TOKENS

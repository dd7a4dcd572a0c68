"""Every sentence that the product itself says to a customer, by locale."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime

from app.answering.events import Citation


@dataclass(frozen=True, slots=True)
class Wording:
    """The sentences of one language. `{…}` is filled in."""

    greeting: str
    hello: str
    thanks: str
    goodbye: str
    identity: str
    not_found: str
    not_confident: str
    caveat: str
    doubtful: str
    did_not_help: str
    upset: str
    escalated: str
    sensitive: str
    clarify: str
    clarify_open: str
    clarify_after: str
    failed: str
    holding: str
    correcting: str
    corrected: str
    withdrawn: str
    differ: str
    disagreeing: str
    overdue: str
    language: str
    nothing: str
    either: str
    second: str
    third: str
    away: str
    days: str

    def small_talk(self, kind: str) -> str:
        """The reply to a greeting, to thanks, to a goodbye, or to who we are."""
        return {"greeting": self.hello, "thanks": self.thanks, "goodbye": self.goodbye, "identity": self.identity}[kind]

    def differing(self, first: Citation, second: Citation) -> tuple[str, tuple[Citation, ...]]:
        """The sentence that names a conflict between two articles, and the spans that it quotes."""
        quotes = {"first": _quoted(first), "second": _quoted(second)}
        return self.differ.format(**quotes), (first, second)

    def nothing_about(self, questions: Sequence[str]) -> str:
        """That these questions of a message found no answer, and the offer of a person for them."""
        return self.nothing.format(questions=self.either.join(_cut(one) for one in questions))

    def back(self, moment: datetime) -> str:
        """When people are there again."""
        day = self.days.split()[moment.weekday()]
        return self.away.format(day=day, time=f"{moment:%H:%M}", zone=moment.tzinfo)

    def asking_back(self, choices: tuple[str, ...], *, after: bool = False) -> str:
        """One question that lets the customer choose what was meant. `after`: something was answered already."""
        if len(choices) < 2:  # noqa: PLR2004  # nothing to choose between
            return self.clarify_open
        return (self.clarify_after if after else self.clarify).format(first=choices[0], second=choices[1])


ENGLISH = Wording(
    greeting=(
        "Hello! Ask me anything about {workspace}. I answer from our help centre and show where each answer comes from."
    ),
    hello="Hello! What would you like to know?",
    thanks="You are welcome! Is there anything else I can help you with?",
    goodbye="Goodbye, and thank you for getting in touch!",
    identity=(
        "I am an automated assistant. I answer from our help centre, and I can bring in a person whenever you like."
    ),
    not_found="I could not find this in our help centre. Would you like to talk to a person?",
    not_confident="I am not sure enough of the answer to give you one. Would you like to talk to a person?",
    caveat="If this is not what you asked, I can bring in a person.",
    doubtful="I am not sure that this is what you asked. If it is not, I can bring in a person.",
    did_not_help="I am sorry that this did not help. Would you like to talk to a person?",
    upset="I am sorry about the trouble. Would you like to talk to a person?",
    escalated="I have passed this on to our team. A person will answer you here.",
    sensitive=("This is something a person should answer. I have passed it on to our team, and they will reply here."),
    clarify="Do you mean “{first}” or “{second}”?",
    clarify_after="Or is it about “{first}” or “{second}”?",
    clarify_open="Could you tell me a little more about what you would like to do?",
    failed="Something went wrong on our side, and I could not finish this answer. Please try again in a moment.",
    holding="Thank you for your question. I am looking into this and will answer you here.",
    correcting="Something that we told you earlier has changed since.",
    corrected="We wrote: “{old}”\nIt is now: “{new}”",
    withdrawn="We wrote: “{old}”\nThis no longer stands in our help centre. Please do not rely on it.",
    differ="Our articles differ on this: one says “{first}”, another says “{second}”.",
    disagreeing="Because they differ, please do not rely on either before a person has confirmed it.",
    overdue=(
        "The article behind this was to be reviewed by {day}, so it may be out of date. "
        "If something looks different, I can bring in a person."
    ),
    language="I can answer in English only so far. Would you like to talk to a person?",
    nothing="I found nothing in our help centre about “{questions}”. Would you like to talk to a person about that?",
    either="” or “",
    second="As for your second question:",
    third="As for your third question:",
    away="Our team is back on {day} at {time} ({zone}). Leave your email address, and they will write to you.",
    days="Monday Tuesday Wednesday Thursday Friday Saturday Sunday",
)
GERMAN = Wording(
    greeting=(
        "Hallo! Fragen Sie mich alles zu {workspace}. Ich antworte aus unserem Hilfebereich und "
        "zeige, woher jede Antwort stammt."
    ),
    hello="Hallo! Was möchten Sie wissen?",
    thanks="Gern geschehen! Kann ich Ihnen sonst noch helfen?",
    goodbye="Auf Wiedersehen, und danke für Ihre Nachricht!",
    identity=(
        "Ich bin ein automatischer Assistent. Ich antworte aus unserem Hilfebereich und hole "
        "jederzeit gern einen Menschen dazu."
    ),
    not_found="Das habe ich in unserem Hilfebereich nicht gefunden. Möchten Sie mit einem Menschen sprechen?",
    not_confident="Ich bin mir der Antwort nicht sicher genug. Möchten Sie mit einem Menschen sprechen?",
    caveat="Wenn das Ihre Frage nicht trifft, hole ich gern einen Menschen dazu.",
    doubtful="Ich bin nicht sicher, ob das Ihre Frage trifft. Wenn nicht, hole ich gern einen Menschen dazu.",
    did_not_help="Es tut mir leid, dass das nicht geholfen hat. Möchten Sie mit einem Menschen sprechen?",
    upset="Es tut mir leid, dass Sie Ärger haben. Möchten Sie mit einem Menschen sprechen?",
    escalated="Ich habe Ihre Frage an unser Team weitergegeben. Ein Mensch antwortet Ihnen hier.",
    sensitive=(
        "Das sollte ein Mensch beantworten. Ich habe es an unser Team weitergegeben, und man antwortet Ihnen hier."
    ),
    clarify="Meinen Sie „{first}“ oder „{second}“?",
    clarify_after="Oder geht es um „{first}“ oder „{second}“?",
    clarify_open="Können Sie etwas genauer sagen, was Sie tun möchten?",
    failed=(
        "Auf unserer Seite ist etwas schiefgegangen, und ich konnte die Antwort nicht beenden. "
        "Bitte versuchen Sie es gleich noch einmal."
    ),
    holding="Vielen Dank für Ihre Frage. Ich kümmere mich darum und antworte Ihnen hier.",
    correcting="Etwas, das wir Ihnen geschrieben haben, hat sich inzwischen geändert.",
    corrected="Wir schrieben: „{old}“\nJetzt gilt: „{new}“",
    withdrawn="Wir schrieben: „{old}“\nDas steht nicht mehr in unserem Hilfebereich. Bitte rechnen Sie nicht damit.",
    differ="Unsere Artikel widersprechen sich hier: Der eine sagt „{first}“, ein anderer „{second}“.",
    disagreeing="Bitte verlassen Sie sich auf keine der beiden Angaben, bevor ein Mensch sie bestätigt hat.",
    overdue=(
        "Der Artikel dazu sollte bis {day} überprüft werden und kann veraltet sein. "
        "Wenn etwas anders aussieht, hole ich gern einen Menschen dazu."
    ),
    language="Ich kann bisher nur auf Englisch antworten. Möchten Sie mit einem Menschen sprechen?",
    nothing=(
        "Zu „{questions}“ habe ich in unserem Hilfebereich nichts gefunden. "
        "Möchten Sie darüber mit einem Menschen sprechen?"
    ),
    either="“ oder „",
    second="Zu Ihrer zweiten Frage:",
    third="Zu Ihrer dritten Frage:",
    away=(
        "Unser Team ist am {day} um {time} Uhr ({zone}) wieder da. Hinterlassen Sie Ihre E-Mail-Adresse, "
        "dann schreibt man Ihnen."
    ),
    days="Montag Dienstag Mittwoch Donnerstag Freitag Samstag Sonntag",
)
LONGEST_QUOTE = 200  # characters; the citation itself holds the whole span
_NO_SENTENCES = frozenset({"days", "either", "second", "third"})
_WORDINGS = {"en": ENGLISH, "de": GERMAN}


def wording(locale: str) -> Wording:
    """The sentences of this language; English where we have no other."""
    return _WORDINGS.get(re.split("[-_]", locale, maxsplit=1)[0].lower(), ENGLISH)


def everything() -> list[str]:
    """All sentences in all languages, for checks that go over each of them."""
    names = [field.name for field in fields(Wording) if field.name not in _NO_SENTENCES]
    return [getattr(one, name) for one in _WORDINGS.values() for name in names]


def _quoted(citation: Citation) -> str:
    """The span in one line, without its own full stop, and its marker."""
    return f"{_cut(citation.quote).rstrip('.')} [{citation.number}]"


def _cut(said: str) -> str:
    """In one line, and not for ever."""
    text = " ".join(said.split())
    return text if len(text) <= LONGEST_QUOTE else f"{text[:LONGEST_QUOTE].rstrip()}…"

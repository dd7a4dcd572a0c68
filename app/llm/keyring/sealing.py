"""What is stored and must not be read by whoever has the database or a backup of it."""

from base64 import urlsafe_b64encode
from dataclasses import dataclass, field

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SHORTEST_SECRET = 32  # characters: 128 random bits in hexadecimal
PURPOSE = "answerdesk provider key 1"
ABSENT = (
    "Set ANSWERDESK_SECRET_KEY to a long random value, such as what `openssl rand -hex 32` prints, and restart "
    "Answerdesk: then keys can be stored here, encrypted."
)
SHORT = (
    f"ANSWERDESK_SECRET_KEY is too short to encrypt keys with. Give it at least {SHORTEST_SECRET} random characters, "
    "such as what `openssl rand -hex 32` prints, and restart Answerdesk."
)


@dataclass(frozen=True, slots=True)
class Seals:
    """Seals with the secret; reads with it and with those that it replaced, so that it can be changed.

    Each place has a Fernet key of its own, derived by HKDF (RFC 5869, SHA-256) with the place as its context: what was
    sealed for one place cannot be read at another, whoever moves it there.
    """

    secret: str = field(default="", repr=False)
    former: tuple[str, ...] = field(default=(), repr=False)

    @property
    def trouble(self) -> str | None:
        """Why nothing can be sealed, and how to mend that."""
        if not self.secret:
            return ABSENT
        return SHORT if len(self.secret) < SHORTEST_SECRET else None

    def seal(self, place: str, text: str) -> str:
        """The text as it may be stored."""
        return _fernet(self.secret, place).encrypt(text.encode()).decode()

    def read(self, place: str, sealed: str) -> str | None:
        """The text that was sealed for this place; nothing when none of the secrets opens it."""
        for secret in filter(None, (self.secret, *self.former)):
            try:
                return _fernet(secret, place).decrypt(sealed).decode()
            except (InvalidToken, ValueError):
                continue
        return None

    def renewed(self, place: str, sealed: str) -> str | None:
        """The same under the present secret; nothing when it is already, or when it cannot be."""
        if self.trouble or Seals(self.secret).read(place, sealed) is not None:
            return None
        text = self.read(place, sealed)
        return None if text is None else self.seal(place, text)


def _fernet(secret: str, place: str) -> Fernet:
    context = f"{PURPOSE}\n{place}".encode()
    return Fernet(urlsafe_b64encode(HKDF(SHA256(), 32, salt=None, info=context).derive(secret.encode())))

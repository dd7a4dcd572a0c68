"""Whether a question is in a language that the search by meaning reads. Others are found by their words alone."""

import unicodedata

from app.language import STOPWORDS, words

LEAST_EVIDENCE = 0.5
"""The share of the question's weight that a passage must hold when only its words can speak for it."""
_GERMAN = """der die das und ich ist nicht ein eine mit wie kann auf für von zu den dem des wir sie mein meine was wo
warum werden wird haben habe"""
_ROMANCE = """le la les des et je est pas une un avec comment puis pour dans sur mon ma que qui où el los las y es no
una con cómo como puedo para en de mi por qué dónde il lo gli che non di per posso come sono o os as e não um uma
com meu minha"""
_OTHERS = frozenset(f"{_GERMAN} {_ROMANCE} het een ik niet met hoe voor van mijn jak nie się jest".split()) - STOPWORDS
_MOSTLY = 0.5  # of the letters


def tongue_of(question: str) -> str:
    """The language of a foreign question, where it is one that we can at least say so in; else nothing."""
    said = words(question)
    german, romance = (sum(word in known.split() for word in said) for known in (_GERMAN, _ROMANCE))
    return "de" if german > romance else ""


def is_foreign(question: str) -> bool:
    """Whether the question is neither English nor too short to tell."""
    letters = [letter for letter in question if letter.isalpha()]
    latin = sum(unicodedata.name(letter, "").startswith("LATIN") for letter in letters)
    if letters and latin < _MOSTLY * len(letters):
        return True
    said = words(question)
    return sum(word in _OTHERS for word in said) > sum(word in STOPWORDS for word in said)

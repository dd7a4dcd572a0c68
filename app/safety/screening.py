"""A cheap sign that a text tries to give orders to the model. One signal among others: alone it refuses nothing."""

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

Kind = Literal["question", "passage"]

FLAGGED = 0.5
"""On the development rows this flags 0 of 3,692 ordinary questions, 9 of 652 with trigger words, 0 of 886 in other
languages and 1 of 4,167 help sections; it sees 31 % of the direct attacks and 70 % of those in mails and tables. What
was not looked at when the rules were made is told apart in `docs/checks.md`."""

AROUND = 40
"""Characters on either side of a quotation."""
_INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")
_TAGS = re.compile("[\U000e0000-\U000e007f]")
_IGNORE = (
    r"(?:ignor\w*|disregard\w*|forget\w*|overrid\w*|bypass\w*|dismiss\w*|vergiss|ignorier\w*|missacht\w*|"
    r"olvid\w*|ignorez|oubli\w+|dimentic\w*|esque[cç]\w*|zapomnij|ignoruj)"
)
_ANSWER = r"(?:answers?|responses?|repl(?:y|ies)|messages?|outputs?)"
_EARLIER = (
    r"(?:previous|prior|above|preceding|earlier|all|any|your|the|these|those|vorherig\w*|bisherig\w*|"
    r"alle\w*|alles|deine|anterior\w*|toutes|tous|pr[eé]c[eé]dent\w*|precedent\w*|todo\w*|tutt\w*)"
)
_BEFORE = r"(?:previous|prior|above|preceding|earlier|all|any|your)"
"""A prompt is also what a program shows: to dismiss “the prompt” is to press Escape."""
_ORDERS = (
    r"(?:instructions?|orders?|rules?|directives?|guidelines?|commands?|context|messages?|"
    r"programming|training|anweisung\w*|instruktion\w*|befehl\w*|regeln|davor|instruc+iones|[oó]rdenes|"
    r"reglas|consignes|istruzioni|instru[cç][oõ]es|polece\w*)"
)


@dataclass(frozen=True, slots=True)
class Family:
    """One way of giving orders, and how much a sign of it weighs."""

    name: str
    pattern: re.Pattern[str]
    weight: float


@dataclass(frozen=True, slots=True)
class Screening:
    """How suspicious a text is, in [0, 1], and which families were seen."""

    score: float
    seen: tuple[str, ...]
    quote: str = ""
    """The words that gave it away, and a few around them."""

    @property
    def flagged(self) -> bool:
        """Whether somebody should look."""
        return self.score >= FLAGGED


def screen(text: str, kind: Kind = "question") -> Screening:
    """Look for orders to the model, also behind invisible characters and look-alike letters."""
    plain = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))[:20_000]
    seen = [family for family in FAMILIES if family.pattern.search(plain)]
    if kind == "passage":
        seen += [family for family in IN_PASSAGES if family.pattern.search(plain)]
    missed, names = 1.0, [family.name for family in seen]
    for family in seen:
        missed *= 1 - family.weight
    if _TAGS.search(text):
        missed, names = missed * 0.2, [*names, "hidden tags"]
    return Screening(round(1 - missed, 4), tuple(names), _quote(plain, seen))


def _quote(text: str, seen: list[Family]) -> str:
    for family in sorted(seen, key=lambda one: -one.weight):
        if found := family.pattern.search(text):
            return text[max(0, found.start() - AROUND) : found.end() + AROUND].strip()
    return ""


def _family(name: str, weight: float, *patterns: str) -> Family:
    return Family(name, re.compile("|".join(patterns), re.IGNORECASE), weight)


FAMILIES = (
    _family(
        "ignore what came before", 0.8,
        rf"\b{_IGNORE}\b[^.!?\n]{{0,30}}\b{_EARLIER}\b[^.!?\n]{{0,40}}\b{_ORDERS}\b",
        rf"\b{_IGNORE}\b[^.!?\n]{{0,30}}\b{_BEFORE}\b[^.!?\n]{{0,40}}\bprompts?\b",
        rf"\b{_IGNORE}\s+(?:everything|all|anything|alles|todo|tout|"
            rf"tutto)\b(?:[^.!?\n]{{0,20}}\b(?:before|above|told|davor|zuvor|bisher\w*|anterior|avant|"
            rf"prima|you (?:know|were|have))\b)",
        r"(?:忽略|無視|忽視|무시)[^。\n]{0,20}(?:指示|指令|说明|說明|命令|지시)|(?:指示|指令|命令|지시\w*)[^。\n]{0,12}(?:无视|無視|忽略|"
            r"무시)|игнорируй\w*[^.\n]{0,40}инструкци\w*|забудь\w*[^.\n]{0,30}(?:инструкци|все)|"
            r"निर्देशों[^।\n]{0,20}(?:अवहेलना|अनदेखा)|تجاهل[^.\n]{0,30}(?:التعليمات|الأوامر)",
    ),
    _family(
        "new role", 0.45,
        r"\b(?:you are|you're|du bist|eres|tu es) (?:now|no longer|going to (?:be|act|play|pretend|"
            r"immerse)|about to|jetzt|ahora|maintenant)\b",
        r"\b(?:act|behave|respond|answer|reply|pretend|roleplay|role-play|pose|"
            r"impersonate)(?:ing)?\s+(?:as|like|to be|that you|you are)\b(?=[^.\n]{0,60}\b(?:ai|model|"
            r"chatgpt|gpt|bot|assistant|linux|terminal|interpreter|character|person|human|dan|unfiltered|"
            r"evil|no (?:rules|limits|restrictions)|without)\b)",
        r"\bfrom now on\b[^.\n]{0,80}\b(?:you|your|respond|answer|act|reply|will)\b",
        r"\b(?:play|take on|assume|simulate|adopt) (?:the|a|this|your) (?:role|persona|character|personality)\b",
        r"\b(?:stay|remain|keep) in character\b|\bbreak character\b",
    ),
    _family(
        "freed model", 0.7,
        r"\b(?:(?-i:DAN|STAN|AIM|DUDE)|developer mode|jailbr(?:eak|oken)|do anything now|god mode|dev mode|"
            r"opposite mode|unfiltered (?:ai|model|response|bot)|without (?:any )?(?:filters?|"
            r"restrictions|censorship|limitations))\b(?=[^\n]{0,400}\b(?:you|mode|answer|respond|ai|"
            r"chatgpt|gpt)\b)",
        r"\b(?:no|any|without|free (?:from|of)|not bound by|ignor\w+|broken free "
            r"of)\s+(?:\w+\s+){0,3}(?:restrictions?|limitations?|filters?|censorship|guidelines|content "
            r"polic\w+|ethic\w*|moral\w*)\b[^\n]{0,200}\b(?:ai|model|bot|chatgpt|gpt|openai|respon\w+|"
            r"answer\w*)\b",
        r"\b(?:openai|chatgpt|gpt-?\d?)\b[^\n]{0,160}\b(?:polic\w+|guidelines|restrictions|filters?|"
            r"rules|limits?)\b[^\n]{0,80}\b(?:not apply|bypass\w*|ignor\w*|disregard\w*|free|no longer)\b",
    ),
    _family(
        "asks for the prompt", 0.6,
        r"\b(?:reveal|show|print|repeat|output|display|tell me|give me|leak|spell|write|translate|"
            r"summari[sz]e|what (?:is|are|was|were))\b[^.?!\n]{0,40}\b(?:system prompt|initial prompt|"
            r"your (?:(?:initial|original|exact|full|secret|hidden|system|complete)\s+)*(?:prompts?|"
            r"instructions|rules|directives|guidelines)|instructions (?:above|you (?:were|got|have))|text "
            r"above|(?:previous|first|above) (?:sentences?|lines?|text|prompts?|instructions))\b",
        r"\b(?:your|the) hidden instructions\b|\b(?:reveal|leak|tell me|give me|what(?:'s| is)) your (?:secret|api) "
            r"key\b|\bwhat(?:'s| is) (?:your|the) (?:secret )?password\b|\b(?:cu[aá]l es|quelle? est|qual [eé]|was ist|"
            r"wie lautet)\b[^?\n]{0,20}\b(?:contraseña|mot de passe|senha|passwort|clave secreta)\b",
    ),
    _family(
        "plays a role of the protocol", 0.7,
        r"<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?INST\]|<</?SYS>>|^\s*(?:###\s*)?(?:system|"
            r"assistant)\s*(?:message|prompt|instruction|override)?\s*:\s*\S",
        r"\b(?:begin|end) (?:of )?(?:system|admin|new) (?:prompt|message|instructions?)\b",
    ),
    _family(
        "tells how to begin", 0.45,
        r"\b(?:start|begin|prefix|preface|end)\w* (?:your|each|every|all|"
            r"the)\s+(?:\w+\s+)?(?:response|answer|repl\w+|message|output|"
            r"sentence)s?\b[^.\n]{0,20}\b(?:with|by)\b",
        r"\b(?:respond|reply|answer|say) only (?:with|in|as)\b|\bsay ['\"“]?i have been pwned\b",
    ),
    _family(
        "two answers", 0.45,
        r"\b(?:two|2) (?:different |separate )*(?:ways|responses|answers|"
            r"paragraphs)\b[^\n]{0,200}\b(?:chatgpt|gpt|first|normal\w*|classic)\b|\[(?:GPT|CHATGPT|"
            r"CLASSIC|JAILBREAK|DAN)\]|🔒|🔓",
    ),
    _family(
        "order to a model", 0.45,
        r"\b(?:hello|hi|dear|hey),? (?:chatgpt|gpt|assistant|ai)\b|\b(?:as|like) an? (?:ai|large) "
            r"(?:language )?model\b|\byou (?:must|will|have to|shall) (?:always |never )?(?:obey|comply|"
            r"answer (?:any|every|all|my)|follow)\b",
        r"\bexecute the following (?:command|code|instruction)s?\b|\bas (?:a|an) (?:python|linux|"
            r"javascript|sql) (?:interpreter|terminal|console)\b",
    ),
)  # fmt: skip
# Who reads a document writes replies and code, and gets output; only whoever is asked writes a response about it.
IN_PASSAGES = (
    _family(
        "order inside a document", 0.55,
        r"\b(?:in|to|of|within|into|with|for) your (?:answer|response|explanation|solution|elucidation)s?\b",
        r"\byour (?:answer|response)s?\b[^.\n|]{0,30}\b(?:should|must|needs? to|has to)\b",
        r"\b(?:ai|language model|assistant|chatbot|llm)s?\b[^.\n]{0,40}\b(?:must|should|shall|please)\b",
    ),
    _family(
        "order about what a reader writes too", 0.3,
        r"\b(?:in|to|of|within|into|with|for) your (?:reply|replies|output|code|implementation)s?\b",
        r"\byour (?:reply|code|implementation|output)s?\b[^.\n]{0,30}\b(?:should|must|needs? to|has to)\b",
    ),
    _family(
        "order to change an answer", 0.55,
        rf"\b(?:modify|augment|enhance|enrich|alter|rephrase|render|reword|embellish|obfuscate|scramble|jumble|disguise|"
            rf"spice up|finish|conclude|interleave) your (?:\w+ )?{_ANSWER}\b",
        rf"\b(?:provide|give|write|present|return|deliver|format|phrase|express) your (?:\w+ )?{_ANSWER} "
            rf"(?:only )?(?:with(?:out| no| intentional| random)?|using|backwards|reversed|in (?:\w+ )?(?:words|"
            rf"letters|code|capitals|reverse|rhymes?|verse|emojis?))\b",
        rf"\b(?:remove|delete|drop|omit|swap|reverse|jumble|scramble|shuffle|misspell|replace|capitali[sz]e|double)\b"
            rf"[^.!?\n]{{3,50}} (?:in|from|of|within) your (?:\w+ )?{_ANSWER}\b",
    ),
    _family(
        "something else to say", 0.5,
        r"\bignor\w+\b[^.!?\n]{1,60}\b(?:and|then|y|et|und|e)\b[^.!?\n]{0,12}\b(?:state|output|print|declare|claim|"
            r"announce|declara|d[eé]clarez?|behaupte|dichiara)\b",
    ),
    _family("code to slip in", 0.5, r"\b(?:following|subsequent|below|attached) code (?:block|snippet|excerpt|segment|"
        r"lines)?\b[^`]{0,120}```"),
)  # fmt: skip

"""Whether a sentence asks for a person, now and for oneself. To ask about persons and bots is an ordinary question.

A request says who wants it ("I", "we", "me"), what is wanted (to talk, to be connected, to be called) and a person of
ours. Each pattern needs all of it, so "Can my customers talk to an agent?" and "How do I invite an agent?" are none.
"""

import re
from collections.abc import Iterator

# A paragraph is a pattern; its lines are joined as they stand, and a word in <…> stands for the paragraph of that name.
_WORDS = r"""
<one_of> = (?:(?:an?|the|your|some|any|one of your|real|live|actual|another|human|proper|different|senior|customer
|technical|from|in|with|at)\s+)*

<person> = (?:human(?: being)?s?|person|individual|agents?|representatives?|reps?|operators?|advis[eo]rs?|someone
|somebody|anyone|anybody|staff|employee|support|customer (?:service|care)|help ?desk|manager|supervisor|specialist
|expert|(?:your|the|support|service) (?:team|people|staff|guys|colleagues?|boss)|colleague of yours|(?:support
|service|team) (?:team|agent|person|rep|staff|desk|line|member)|(?:real|live|actual) people)

<who> = <one_of><person>\b(?!['’]s\b|-|\s+(?:accounts?|roles?|seats?|licen[cs]es?|modes?|inbox|views?|names?|keys?
|pages?))

<done> = (?:(?<=human|being)(?=\s+(?:for|about|regarding)\s+(?!\w+ing\b))
|(?:(?<=real person)|(?<=live person)|(?<=live agent)|(?<=real agent))(?=\s+(?:for|about|regarding)\s+(?!\w+ing\b))
|(?=\s*(?:$|[,.;:!?)]|please\b|now\b|right now|instead|asap\b|immediately|today\b|here\b|who\b|not\b|and\b
|because\b|since\b|for (?:this|that)\b|on the (?:phone|line)|to (?:help|assist|call|contact)(?:$|\W+(?:me|us
|with|out)\b)|to (?:talk|speak|chat) (?:to|with)|to (?:solve|fix|answer|explain|look at) (?:this|it|me|us
|my)\b)))

<self> = (?<!\bif )(?<!\bwhen )(?<!\bonce )(?<!\bdo )(?<!\bwill )(?<!\bwould )(?<!\bthat )\b(?:i|we)

<own> = (?:<self>|^\W*(?:(?:hi|hello|hey|please|pls|so|ok)\W+)*(?=(?:wan|need|look)))

<want> = (?:['’]d|['’]m|['’]ll|\s+(?:would|will|do|am|are|really|just|still|now|please|only|have|simply
|also))*\s*\b(?:wanna|want(?:ed)?|needs?|like|love|prefer|wish|have|demand|insist|ask(?:ed|ing)?|rather|must
|trying|try|request(?:ing)?|looking|hoping)

<soon> = (?:\s+(?:please|now|directly|just|finally|really|rather|instead|again|over|through|on|in touch|a call))*

<talk> = (?:talk|speak|chat|talking|speaking|chatting|connect|deal|dealing|get through|write|a (?:call|chat|word)
|help)

<join> = (?:connect|transfer|put|pass|hand|forward|redirect|switch|direct|refer|link|route)

<wen> = (?:(?:eine[mnr]?|ein|de[mnr]|die|eure[mnr]?|ihre[mnr]?|echte[mnr]?|richtige[mnr]?|wirkliche[mnr]?
|menschliche[mnr]?|reale[mnr]?|andere[mnr]?|zuständige[mnr]?|aus|vom|von|irgend)\s+)*(?:mensch(?:en)?|person
|(?:support-?|service-?)?mitarbeiter(?:in|n)?|(?:kunden|service)?berater(?:in)?|agent(?:en|in)?
|sachbearbeiter(?:in)?|ansprechpartner(?:in)?|kunden(?:dienst|service|support|betreuung|betreuer)
|support(?:-?team)?|(?:irgend)?jemand(?:e[mn])?|vorgesetzten?|chef(?:in)?|techniker(?:in)?)\b(?!-)

<reden> = (?:sprechen|reden|chatten|telefonieren|schreiben|verbunden|verbinden|sprich|kommunizieren|zu tun)

<ich_will> = \b(?:ich|wir)\s+(?:will|wollen|möchten?|moechten?|würden?|wuerden?|muss|müssen|wünschen?|hätten?|haetten?
|verlangen?|bestehe)

<fertig> = (?:(?<=menschen)(?=\s+(?:für|wegen|zu)\b)|(?=\s*(?:$|[.,;!?]|bitte\b|jetzt\b|sofort\b|haben\b|hier\b
|und\b|statt\b|kein|am (?:telefon|apparat)
|sprechen\b)))
"""
_ENGLISH = r"""
(?:^|[,;:–])\W*(?:(?:hi|hello|hey|please|pls|just|ok|no|yes|give|get|i said)\W+)*(?:(?:an?|the|real|live|actual
|human)\s+)*(?:human(?: being)?|person|agent|representative|rep|operator|live chat|customer (?:service|support)
|support)(?:\W+(?:please|now|asap|needed|required|thanks?|not an? \w+))*\W*$

<own><want>(?:\s+(?:to|on|for|being|be))*<soon>\s+<talk><soon>\s+(?:to|with|from)\s+<who>

<own><want>\s+(?:to\s+)?(?:be\s+)?(?:connected|transferred|put|forwarded|handed|passed|escalated
|helped)<soon>\s+(?:to|with|by)\s+<who>

<own><want>(?:\s+(?:to|for))*\s+(?:an? )?(?:call[- ]?back|phone call)\b

<own><want>(?:\s+(?:to|for))*\s+(?:(?:reach|contact|get|have|see|call)\s+)?<who><done>

\b(?:can|could|may|might|do|would|shall|can(?:no|['’])?t)\s+(?:i|we)(?:\s+(?:please|just|ever|actually
|not))*\s+(?:talk|speak|chat|write|be (?:connected|transferred|put|forwarded)|get (?:connected|in touch|through
|hold))<soon>\s+(?:to|with|of)\s+<who>

\b(?:can|could|may|do|can(?:no|['’])?t)\s+(?:i|we)(?:\s+(?:please|just|not))*\s+(?:reach|contact|get|have
|call)\s+<who><done>

\b(?:possible|way|let me|let us|let['’]s|prefer|insist on)(?:\s+for (?:me
|us))?(?:\s+to)?\s+<talk><soon>\s+(?:to|with)\s+<who>

^(?!\W*(?:and |but |so )?(?:why did|why does|how does|how did|when does)\s+\w+(?: (?!not\b)\w+)?\s+<join>).*?
\b<join>\s+(?:me|us)\b[^.?!]{0,25}?\b(?:to|with|through)\s+<who>

(?:^\W*(?:(?:please|pls)\W+|just\W+|now\W+)*|\b(?:can|could|would|will) you (?:please )?)<join>\s+(?:this|it
|my)\b[^.?!]{0,25}?\b(?:to|with|on to)\s+<who>

\b(?:get|give|find|send|fetch|bring|let)\s+(?:me|us)\s+(?:to\s+)?<who><done>

^\W*(?:(?:please|pls)\W+|just\W+)*(?:talk|speak|chat|connect|contact|get|transfer|call)\s+(?:(?:to
|with)\s+)?<who>(?:\W+(?:please|now))*\W*$

^\W*(?:(?:please|pls)\W+)*escalate\b|\b(?:to|i|we|you|please|just|this)\s+escalate\s+(?:this|my|it)\b

\b(?:is|are)\s+(?:there\s+)?(?:an?|any|some)?\s*(?:real |live |actual )?(?:human|person|people|agent|someone
|somebody|anybody|anyone)\b[^.?!]{0,20}\b(?:talk|speak|chat|there|available|contact|help me)\b

\b(?:can|could|will|would)\s+(?:an?|any|some|one of your)?\s*(?:real |live |actual )?(?:human|person|agent
|manager|(?:someone|somebody) (?:real|from (?:your|the) \w+))\s+(?:please )?(?:help|call|assist|contact|answer
|talk to|speak (?:to|with)|look at|explain|get back to|reply to)\s+(?:me|us|my|this|it)\b

\b(?:i|we)\b[^.?!,]{0,12}(?:\b(?:don['’]?t|do not|never|not|won['’]?t|refuse to)\s+(?:really |ever )?(?:wanna
|want|like|need|talk|speak|chat|deal|trust|wish)|\b(?:hate|(?:sick|tired|enough) of
|fed up with))\b[^.?!,]{0,25}\b(?:chat ?bots?|bots?|robots?|machines?|ai)\b(?=\W*$|\W*[.?!,]|\s+(?:any ?more
|again|please|and|but))

^\W*(?:no|not|stop|enough|kein\w*)\s+(?:more |with |of |an? |the |this |your )*(?:chat ?bots?|bots?|robots?
|machines?)(?:\W+(?:please|bitte))*\W*$

\b(?:have|get|let|ask)\s+<who>\s+(?:to )?(?:call|phone|ring|contact)\s+(?:me|us)\b

\bare there (?:any |some )?(?:real |live |actual )?(?:humans|people|agents|persons)\b[^.?!]{0,15}\b(?:available
|here|there|online|talk|help)

\bcall (?:me|us) back\b|\bplease call (?:me|us)\b|\bcall (?:me|us)(?: (?:now|please|today|asap|at \W*\d
|on \W*\d))
"""
_GERMAN = r"""
^\W*(?:(?:hallo|bitte|nein|ja|ich will|eine?[nr]?|echte[nr]?|menschliche[nr]?)\W+)*(?:mensch(?:en)?
|(?:support)?mitarbeiter(?:in)?|(?:kunden)?berater(?:in)?|kundendienst|kundenservice
|ansprechpartner)(?:\W+(?:bitte|jetzt|sofort|sprechen))*\W*$

<ich_will>\b[^.?!,]{0,30}?\b(?:mit|von|zu|an)\s+<wen>[^.?!,]{0,40}?\b(?:<reden>|weitergeleitet|geholfen|kontakt)

\b(?:kann|kannst|könnten?|koennte|darf|dürfte|können|wie|wo|lass\w*)\b[^.?!,]{0,15}\b(?:ich|wir|mich
|uns)\b[^.?!,]{0,20}\bmit\s+<wen>[^.?!,]{0,30}\b<reden>

\b(?:kann|könnte|können|darf)\s+(?:ich|wir)\s+(?:bitte |mal |hier |auch )*<wen><fertig>

\b(?:erreiche|kontaktiere|bekomme|finde)n?\s+(?:ich|wir)\s+(?:hier |denn |bitte |nur )*<wen><fertig>

\b(?:verbinde[nt]?|stelle?n?|leite[nt]?|gib|gebt|geben|hole?[nt]?|schicke?[nt]?
|vermittel\w*)\s+(?:sie\s+)?(?:mich|mir|uns|das|dies(?:es|en)?|mein\w* \w+)\b[^.?!]{0,20}?\b<wen>

\b(?:mich|uns)\b[^.?!,]{0,15}\b(?:mit|an|zu)\s+<wen>[^.?!,]{0,15}\b(?:verbinden|weiterleiten|durchstellen
|weitergeben|vermitteln)

\b(?:ich|wir)\s+(?:brauchen?|will|wollen|möchten?|moechten?|hätten?|verlangen?
|benötigen?)\s+(?:jetzt |bitte |sofort |endlich |gerne? |lieber |einfach |nur )*<wen><fertig>

\bgibt es\b[^.?!]{0,20}\b<wen>[^.?!]{0,30}\b(?:<reden>|hilft|erreichbar)

^\W*(?:bitte\W+)*mit\s+<wen>[^.?!,]{0,15}\b<reden>\W*(?:bitte\W*)?$

\bist\s+(?:da|hier|dort)\s+(?:auch |überhaupt |denn )*<wen>\W*$

\b(?:kann|könnte|können|könnten)\s+(?:mich|uns)\s+(?:bitte\s+)?<wen>\s+(?:bitte\s+)?(?:an|zurück|kontaktier)

(?:<ich_will>|\b(?:ich|wir) (?:bitten?|brauchen?)|^\W*bitte um)\b[^.?!,]{0,20}\brückruf\b

\bist\b[^.?!]{0,15}\b(?:jemand|ein (?:echter )?(?:mensch|mitarbeiter))\b[^.?!]{0,15}\b(?:da|erreichbar
|verfügbar|online)\b

\b(?:ich|wir)\s+(?:will|wollen|möchten?|mag|habe|hasse|rede|spreche|brauche)\b[^.?!,]{0,25}\b(?:nicht|keine\w*
|nie|genug|mehr)\b[^.?!,]{0,20}\b(?:chatbots?|bots?|roboter[ns]?|maschinen?|ki|computer)\b(?=\W*$|\W*[.?!,]
|[^.?!,]{0,10}\b<reden>)

\bich hasse\b[^.?!,]{0,15}\b(?:chatbots?|bots?|roboter)\b

\b(?:rufen sie|ruft|ruf|rufe|rufst du)\s+(?:mich|uns)\b[^.?!]{0,20}\b(?:an|zurück|zurueck)\b
"""
_BREAK = re.compile(r"(?<=[.?!…])\s+|\n+")


def asks_for_person(message: str) -> bool:
    """Whether some sentence of the message asks for a person."""
    return any(pattern.search(sentence) for sentence in _BREAK.split(message) for pattern in _ASKS)


def _paragraphs(text: str) -> list[str]:
    return [paragraph.replace("\n", "") for paragraph in text.strip("\n").split("\n\n")]


def _patterns(text: str) -> Iterator[re.Pattern[str]]:
    """The paragraphs with their words filled in; a word may be made of those that stand before it."""
    words: dict[str, str] = {}
    for paragraph in _paragraphs(_WORDS):
        name, _, meaning = paragraph.partition(" = ")
        words[name] = _filled(meaning, words)
    for paragraph in _paragraphs(text):
        yield re.compile(_filled(paragraph, words), re.IGNORECASE)


def _filled(pattern: str, words: dict[str, str]) -> str:
    return re.sub(r"<[a-z_]+>", lambda named: words[named.group()], pattern)


_ASKS = (*_patterns(_ENGLISH), *_patterns(_GERMAN))

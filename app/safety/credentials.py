"""Keys and passwords: prefixes that their issuers give them, and values that are called a secret and look random."""

import math
import re
from collections import Counter

SECRETS = tuple(
    re.compile(pattern)
    for pattern in (
        (
            r"-----BEGIN[ A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{16,8000}?-----END[ "
            r"A-Z0-9_-]{0,40}PRIVATE KEY(?: BLOCK)?-----"
        ),
        r"\beyJ[A-Za-z0-9_-]{10,2000}\.[A-Za-z0-9_-]{10,4000}(?:\.[A-Za-z0-9_-]{10,1000})?",
        r"\b(?:sk|pk|rk)_(?:live|test|prod)_[A-Za-z0-9]{10,120}\b",
        r"\bsk-(?:proj-|svcacct-|admin-|ant-(?:api|admin)\d{2}-|or-v1-)?[A-Za-z0-9_-]{20,200}",
        r"\b(?:AKIA|ASIA|ABIA|ACCA|A3T[A-Z0-9])[A-Z2-7]{16}\b",
        r"\b(?:gh[pousr]_[A-Za-z0-9]{30,255}|github_pat_[A-Za-z0-9_]{22,255})\b",
        r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|oas)-[A-Za-z0-9_.-]{20,100}",
        r"\bxox[abeoprs](?:\.xox[bp])?-[A-Za-z0-9-]{10,250}|\bxapp-\d-[A-Za-z0-9-]{10,200}",
        r"https://hooks\.slack\.com/(?:services|workflows|triggers)/[A-Za-z0-9/+]{20,100}",
        r"\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{20,400}",
        r"\bSG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{32,64}",
        (
            r"\b(?:npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,250}|rubygems_[a-f0-9]{48}|hf_[A-Za-z]{34}|"
            r"dckr_pat_[A-Za-z0-9_-]{20,60})\b"
        ),
        (
            r"\b(?:shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}|do[opr]_v1_[a-f0-9]{64}|dp\.pt\.[A-Za-z0-9]{43}|"
            r"dapi[a-f0-9]{32}(?:-\d)?)\b"
        ),
        r"\b(?:EAACEdEose0cBA|EAA[MC])[A-Za-z0-9]{20,250}\b",
        r"\b(?:key-[a-f0-9]{32}|SK[a-f0-9]{32}|sq0(?:atp|csp)-[A-Za-z0-9_-]{22,60}|EAAA[A-Za-z0-9_-]{60})\b",
        (
            r"\b(?:lin_api_[A-Za-z0-9]{40}|figd_[A-Za-z0-9_-]{40}|glsa_[A-Za-z0-9]{32}_[a-f0-9]{8}|"
            r"glc_[A-Za-z0-9+/]{32,400}|nfp_[A-Za-z0-9]{36}|tfp_[A-Za-z0-9]{40,60}"
            r"|PMAK-[a-f0-9]{24}-[a-f0-9]{34}|pul-[a-f0-9]{40}|sntry[us]_[A-Za-z0-9+/=_-]{40,250}|"
            r"xkeysib-[a-f0-9]{64}-[A-Za-z0-9]{16}|secret_[A-Za-z0-9]{43}"
            r"|ntn_[A-Za-z0-9]{40,60}|pscale_(?:pw|tkn|oauth)_[A-Za-z0-9=._-]{32,64}|"
            r"fo1_[A-Za-z0-9_-]{43}|fm[12][ar]?_[A-Za-z0-9+/=]{100,}|hvs\.[A-Za-z0-9_-]{24,200}|"
            r"hvb\.[A-Za-z0-9_-]{24,250}"
            r"|s\.[A-Za-z0-9]{24}|sq[pau]_[A-Za-z0-9]{40}|sgp_(?:[a-zA-Z0-9]{1,16}_)?[A-Fa-f0-9]{40}|"
            r"ico-[A-Za-z0-9]{32}|[a-f0-9]{32}-us\d{1,2}|A3-[A-Z0-9]{6}-(?:[A-Z0-9]{6}|"
            r"[A-Z0-9]{11})(?:-[A-Z0-9]{5,6}){3,4}|AGE-SECRET-KEY-1[A-Z0-9]{58}|p8e-[A-Za-z0-9]{32}|"
            r"r8_[A-Za-z0-9]{37}|pplx-[A-Za-z0-9]{40,60}|gsk_[A-Za-z0-9]{40,60}|xai-[A-Za-z0-9]{60,100}"
            r"|whsec_[A-Za-z0-9+/=]{24,80}|NRAK-[A-Z0-9]{27}|NRII-[A-Za-z0-9-]{32}|"
            r"ATATT3[A-Za-z0-9_=-]{100,250}|ops_eyJ[A-Za-z0-9+/=]{100,})\b"
        ),
        r"(?<![A-Za-z0-9._~-])[A-Za-z0-9_.~-]{3}\dQ~[A-Za-z0-9_.~-]{31,34}(?![A-Za-z0-9._~-])",
        r"\b\d{8,10}:AA[A-Za-z0-9_-]{33}\b",
        r"(?<=://)[^\s:/@]{1,64}:[^\s:/@]{3,128}(?=@[\w.-]+)",
    )
)
PASSWORD = re.compile(
    r"(?i)\b(?:password|passwd|passcode|passphrase|pwd|kennwort|passwort|mot de passe|"
    r"contraseña)\b[\"']?\s{0,3}(?::|=|is|ist|was|est|es)\s{0,3}[\"'`]?"
    r"((?:(?=[^\s\"'`,]{0,63}[\d!@#$%^&*?_+~-])|(?-i:(?=\S{0,20}[a-z]\S{0,20}[A-Z])))(?![<{\[$(])[^\s\"'`,]{6,64})"
)
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z]{2,}")
_FILLED = re.compile(r"[xX*.]{5,}|(.)\1{7,}")
LEAST_ENTROPY = 3.0  # bits a character; English words have about 2.6 at this length, random keys 3.5 and more


def is_key(value: str) -> bool:
    """Whether a value with a key's prefix is one, and not the same prefix in an example or a name."""
    return any(letter.isdigit() for letter in value) and not _FILLED.search(value)


def looks_random(value: str) -> bool:
    """Whether a value is a key rather than a name: letters and digits mixed, and no pattern in them."""
    letters = sum(letter.isalpha() for letter in value)
    digits = sum(letter.isdigit() for letter in value)
    if _HOST.fullmatch(value) or _FILLED.search(value):
        return False
    return letters >= 2 and digits >= 2 and entropy(value) >= LEAST_ENTROPY  # noqa: PLR2004  # one digit may end a name


def entropy(value: str) -> float:
    """Shannon's, in bits a character."""
    counts = Counter(value)
    return -sum(count / len(value) * math.log2(count / len(value)) for count in counts.values())

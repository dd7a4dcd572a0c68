"""Documents that name files, packages and decisions name those that are there."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
TEXTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "SECURITY.md", "THIRD_PARTY_NOTICES.md")]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
ONE_SCREEN = 40
FORBIDDEN = re.compile(r"\b(?:A|L)?GPL", re.IGNORECASE)


def test_links_between_documents_lead_somewhere() -> None:
    links = {
        (path, link)
        for path in [*TEXTS, *DECISIONS]
        for link in re.findall(r"\]\((?!https?:|#)([^)]+)\)", path.read_text())
    }
    assert not [(path.name, link) for path, link in links if not (path.parent / link).exists()]


def test_the_tour_of_a_turn_goes_through_at_most_eight_files() -> None:
    tour = (ROOT / "README.md").read_text().partition("## One turn")[2].partition("Which concrete class")[0]
    assert 1 < len(set(re.findall(r"\]\((app/[^)]+)\)", tour))) <= 8


def test_the_readme_shows_the_commands_that_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    assert set(re.findall(r"^make (\w+)", (ROOT / "README.md").read_text(), flags=re.MULTILINE)) == {"run", "test"}
    assert {"run", "test", "check", "bench", "eval", "faults", "demo"} <= targets
    assert (ROOT / ".ci" / "run").read_text().splitlines()[-2:] == ["make check", "make test"]


def test_a_decision_is_one_screen_of_context_decision_and_consequence() -> None:
    assert DECISIONS
    for path in DECISIONS:
        text = path.read_text()
        assert len(text.splitlines()) <= ONE_SCREEN, path.name
        assert [text.count(f"**{part}.**") for part in ("Context", "Decision", "Consequence")] == [1, 1, 1], path.name


def test_every_served_package_is_noticed_under_a_licence_that_we_may_ship() -> None:
    notices = (ROOT / "THIRD_PARTY_NOTICES.md").read_text()
    locked = re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-serve.lock").read_text(), flags=re.MULTILINE)
    licences = dict(re.findall(r"^\| ([a-z0-9-]+) \| \S+ \| (.+) \|$", notices, flags=re.MULTILINE))
    assert not set(locked) - set(licences)
    assert not {name: licence for name, licence in licences.items() if FORBIDDEN.search(licence)}

"""A small slice that guards every change: questions to our own help centre, through whole turns."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from app.insight.answers import SHOWN, auroc
from app.settings import ModelSettings, Settings
from app.wiring import open_application

ROOT = Path(__file__).parents[2]
QUESTIONS = [json.loads(line) for line in Path(__file__).with_name("questions.jsonl").read_text().splitlines()]
LEAST_RECALL, LEAST_CITED, LEAST_AUROC, MOST_STRANGERS = 0.9, 0.75, 0.95, 1


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_known_questions_are_answered_from_the_right_article_and_strangers_are_not(
    help_centre: Path, tmp_path: Path
) -> None:
    if not (ROOT / "models").is_dir():
        pytest.skip("NOT COVERED: no prepared embedding model; run `answerdesk model prepare`")
    plain = ModelSettings(name="plain", dialect="extractive")
    data = shutil.copytree(help_centre, tmp_path / "data")
    settings = Settings(data_dir=data, model_dir=ROOT / "models", model=(plain,), _env_file=None)
    rows = await _asked(settings)
    known = [row for row in rows if row["slug"]]
    cited = [row["slug"] in row["cited"] for row in known if row["decision"] in SHOWN]
    shown = sum(row["decision"] in SHOWN for row in rows if not row["slug"])
    assert sum(row["slug"] in row["found"] for row in known) >= LEAST_RECALL * len(known), known
    assert sum(cited) >= LEAST_CITED * len(known), [row for row in known if row["slug"] not in row["cited"]]
    assert auroc([(row["probability"], bool(row["slug"])) for row in rows]) >= LEAST_AUROC
    assert shown <= MOST_STRANGERS, [row for row in rows if not row["slug"]]


async def _asked(settings: Settings) -> list[dict[str, Any]]:
    application, rows = await open_application(settings), []
    try:
        for question in QUESTIONS:
            said = await application.ask_once(question["text"])
            hits = (await application.library.search(application.workspace_id, question["text"], 8)).hits
            found = list(dict.fromkeys(_slug(hit.passage.url) for hit in hits))[:5]
            cited = {_slug(one["url"]) for one in said["citations"]}
            told = {"decision": said["decision"], "probability": said["probability"], "cited": cited, "found": found}
            rows.append(question | told)
    finally:
        await application.close()
    return rows


def _slug(url: str) -> str:
    return url.rpartition("/")[2]

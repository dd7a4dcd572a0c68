import os
from pathlib import Path

import pytest

from app.knowledge.embedding.export import prepare
from app.settings import EmbedSettings


@pytest.fixture(scope="session")
def model_dir() -> Path:
    folder = Path(os.environ.get("ANSWERDESK_MODEL_DIR", "models"))
    prepare(EmbedSettings(), folder, print)
    return folder

"""Every table of every room, as one description of the database."""

from sqlmodel import SQLModel

import app.accounts.tables
import app.answering.caching.tables
import app.answering.deciding.tables
import app.conversations.tables
import app.insight.correcting.tables
import app.insight.gaps.tables
import app.insight.hygiene.tables
import app.insight.opinions
import app.insight.reviewing.tables
import app.knowledge.overriding.tables
import app.knowledge.pushing.tables
import app.knowledge.sourcing.tables
import app.knowledge.tables
import app.knowledge.writing.tables
import app.llm.batching.tables
import app.llm.keyring.tables
import app.llm.money.tables  # noqa: F401  # importing a room's tables adds them to the description

METADATA = SQLModel.metadata

"""The one place that states who may do what. A route without a line here is refused, and fails a test."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.accounts.types import Key, Person, Role, Scope


@dataclass(frozen=True, slots=True)
class Rule:
    """Who may use a route: everyone; or whoever shows one of these."""

    public: bool = False
    conversation: bool = False
    """The token of the conversation that the route is about."""
    role: Role | None = None
    """A signed-in person who may do at least what this role may."""
    scope: Scope | None = None
    """An API key with this scope."""
    loopback: bool = False
    """Whoever asks from the same machine."""

    def admits(self, person: Person | None, key: Key | None) -> bool:
        """Whether the rule lets this person or this key in."""
        return self.public or self._admits_person(person) or self._admits_key(key)

    def _admits_person(self, person: Person | None) -> bool:
        return person is not None and self.role is not None and person.role.covers(self.role)

    def _admits_key(self, key: Key | None) -> bool:
        return key is not None and self.scope is not None and self.scope in key.scopes


PUBLIC = Rule(public=True)
CUSTOMER = Rule(conversation=True)
READER = Rule(conversation=True, role=Role.AGENT, scope=Scope.SEARCH)
CHAT_KEY = Rule(scope=Scope.CHAT)
UI_CHAT = Rule(conversation=True, scope=Scope.CHAT)
SEARCHER = Rule(role=Role.AGENT, scope=Scope.SEARCH)
SIGNED_IN = Rule(role=Role.AGENT)
AGENT = Rule(role=Role.AGENT, scope=Scope.INBOX)
ADMIN = Rule(role=Role.ADMIN, scope=Scope.ADMIN)
ADMIN_PAGE = Rule(role=Role.ADMIN)
MONITOR = Rule(role=Role.ADMIN, scope=Scope.ADMIN, loopback=True)

RULES: Mapping[str, Rule] = {
    # What says only whether we live.
    "healthz": PUBLIC,
    "readyz": PUBLIC,
    "metrics": MONITOR,
    "version": PUBLIC,
    "openapi": PUBLIC,
    # Customers: opening a conversation is free, the rest needs its token.
    "open_conversation": PUBLIC,
    "ask": CUSTOMER,
    "read_conversation": CUSTOMER,
    "follow_conversation": CUSTOMER,
    "stop_answer": CUSTOMER,
    "request_handoff": CUSTOMER,
    "resolve_conversation": CUSTOMER,
    "leave_contact": CUSTOMER,
    "read_transcript": CUSTOMER,
    "rate_message": CUSTOMER,
    "read_document_version": READER,
    # Signing in and out.
    "sign_in": PUBLIC,
    "sign_out": PUBLIC,
    "who_am_i": SIGNED_IN,
    "look_at_invitation": PUBLIC,
    "accept_invitation": PUBLIC,
    # Agents.
    "list_inbox": AGENT,
    "count_inbox": AGENT,
    "follow_inbox": AGENT,
    "read_inbox_conversation": AGENT,
    "follow_inbox_conversation": AGENT,
    "claim_conversation": AGENT,
    "release_conversation": AGENT,
    "reply_to_customer": AGENT,
    "write_note": AGENT,
    "resolve_inbox_conversation": AGENT,
    "tell_typing": AGENT,
    "read_draft": AGENT,
    "accept_draft": AGENT,
    "edit_draft": AGENT,
    "regenerate_draft": AGENT,
    "discard_draft": AGENT,
    "judge_answer": AGENT,
    "take_back_verdict": AGENT,
    "search": SEARCHER,
    # Admins.
    "list_sources": ADMIN,
    "add_source": ADMIN,
    "read_source": ADMIN,
    "change_source": ADMIN,
    "delete_source": ADMIN,
    "run_source": ADMIN,
    "preview_source": ADMIN,
    "read_preview": ADMIN,
    "upload_documents": ADMIN,
    "list_runs": ADMIN,
    "read_run": ADMIN,
    "list_run_items": ADMIN,
    "download_run_log": ADMIN,
    "pause_run": ADMIN,
    "resume_run": ADMIN,
    "retry_run": ADMIN,
    "cancel_run": ADMIN,
    "follow_run": ADMIN,
    "list_snapshots": ADMIN,
    "read_snapshot": ADMIN,
    "compare_snapshots": ADMIN,
    "compare_document": ADMIN,
    "publish_snapshot": ADMIN,
    "read_review": ADMIN,
    "start_review": ADMIN,
    "stop_review": ADMIN,
    "list_impact": ADMIN,
    "list_corrections": ADMIN,
    "draft_correction": ADMIN,
    "dismiss_correction": ADMIN,
    "list_publish_rules": ADMIN,
    "change_publish_rule": ADMIN,
    "list_probes": ADMIN,
    "add_probe": ADMIN,
    "change_probe": ADMIN,
    "remove_probe": ADMIN,
    "roll_back_snapshot": ADMIN,
    "list_documents": ADMIN,
    "read_document": ADMIN,
    "push_document": ADMIN,
    "push_documents": ADMIN,
    "delete_document": ADMIN,
    "list_gaps": ADMIN,
    "list_tasks": ADMIN,
    "read_task": ADMIN,
    "assign_task": ADMIN,
    "finish_task": ADMIN,
    "dismiss_task": ADMIN,
    "reopen_task": ADMIN,
    "list_scans": ADMIN,
    "start_scan": ADMIN,
    "read_scan": ADMIN,
    "list_most_cited": ADMIN,
    "list_help_feedback": ADMIN,
    "list_passages": ADMIN,
    "list_overrides": ADMIN,
    "create_override": ADMIN,
    "change_override": ADMIN,
    "move_override": ADMIN,
    "drop_override": ADMIN,
    "change_cutting": ADMIN,
    "list_articles": ADMIN,
    "create_article": ADMIN,
    "preview_article": ADMIN,
    "read_article": ADMIN,
    "save_article": ADMIN,
    "delete_article": ADMIN,
    "publish_article": ADMIN,
    "unpublish_article": ADMIN,
    "list_article_revisions": ADMIN,
    "read_article_revision": ADMIN,
    "list_people": ADMIN,
    "add_person": ADMIN,
    "disable_person": ADMIN,
    "enable_person": ADMIN,
    "make_person_link": ADMIN,
    "list_keys": ADMIN,
    "add_key": ADMIN,
    "revoke_key": ADMIN,
    **dict.fromkeys(("list_audit", "verify_audit", "export_audit"), ADMIN),
    "read_policy": ADMIN,
    "replace_policy": ADMIN,
    "change_policy": ADMIN,
    "list_policies": ADMIN,
    "preview_policy": ADMIN,
    "recalibrate": ADMIN,
    "list_decisions": ADMIN,
    "read_decision": ADMIN,
    **dict.fromkeys(("read_evaluation", "read_opinions"), ADMIN),
    "read_usage": ADMIN,
    "export_usage": ADMIN,
    "read_models": ADMIN,
    "test_model": ADMIN,
    "list_routes": ADMIN,
    "change_route": ADMIN,
    "reset_route": ADMIN,
    "read_budgets": ADMIN,
    "change_budgets": ADMIN,
    "reset_budgets": ADMIN,
    **dict.fromkeys(("list_provider_keys", "set_provider_key", "remove_provider_key"), ADMIN),
    # Pages. Whoever may not see one is led to the sign-in.
    "home": PUBLIC,
    "chat_page": PUBLIC,
    "embed_page": PUBLIC,
    "widget_script": PUBLIC,
    "help_page": PUBLIC,
    "suggest_articles": PUBLIC,
    "vote_on_article": PUBLIC,
    **dict.fromkeys(("article_page", "article_text", "llms_txt", "llms_full_txt"), PUBLIC),
    "problem_page": PUBLIC,
    "sitemap": PUBLIC,
    "login_page": PUBLIC,
    "invitation_page": PUBLIC,
    "inbox_page": SIGNED_IN,
    "inbox_conversation_page": SIGNED_IN,
    "console_page": ADMIN_PAGE,
    "console_run_page": ADMIN_PAGE,
    "console_document_page": ADMIN_PAGE,
    "console_article_page": ADMIN_PAGE,
    "console_snapshot_page": ADMIN_PAGE,
    "console_decision_page": ADMIN_PAGE,
    "console_view_page": ADMIN_PAGE,
    # Other software.
    "complete_chat": CHAT_KEY,
    "list_models": CHAT_KEY,
    "chat_with_ui": UI_CHAT,
    "resume_ui_chat": CUSTOMER,
}

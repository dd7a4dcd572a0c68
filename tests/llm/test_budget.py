from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from app.llm.money.budget import Account, Balance, Limits, admit
from app.llm.money.calls import most_input_tokens
from app.llm.money.payer import Payer
from app.llm.types import Options, Prompt, Turn

MOMENT = datetime(2026, 11, 21, 23, 59, tzinfo=UTC)
MONEY = st.integers(0, 1000)


def test_a_call_is_booked_on_every_account_that_has_a_limit() -> None:
    limits = Limits(100, 200, 30, 20, {"answer": 50})
    payer = Payer("w1", "answer", "c1", "t1", "anna")
    assert [(one.scope, one.period, one.limit) for one in limits.asked(payer, MOMENT)] == [
        ("workspace_day", "2026-11-21", 100),
        ("workspace_month", "2026-11", 200),
        ("route_day:answer", "2026-11-21", 50),
        ("customer_day:anna", "2026-11-21", 30),
        ("conversation:c1", "", 20),
    ]


def test_without_limits_there_is_nothing_to_ask() -> None:
    assert Limits().asked(Payer("w1"), MOMENT) == ()
    assert not Limits(turn_tokens=5).any
    assert Limits(workspace_day=0).any


@given(st.lists(st.tuples(MONEY, MONEY)), MONEY)
def test_what_is_spent_and_what_is_under_way_never_pass_a_limit(calls: list[tuple[int, int]], limit: int) -> None:
    balance = Balance(Account("w1", "workspace_day", "2026-11-21", limit))
    for most, share in calls:
        if admit(most, [balance]) is None and share % 2:
            balance.reserved, balance.settled = balance.reserved - most, balance.settled + min(share, most)
        assert balance.settled + balance.reserved <= limit


@given(st.lists(MONEY, min_size=1), MONEY)
def test_a_refused_call_reserves_nothing_anywhere(limits: list[int], amount: int) -> None:
    balances = [Balance(Account("w1", f"route_day:{limit}", "", limit)) for limit in limits]
    refused = admit(amount, balances)
    assert (refused is None) == (amount <= min(limits))
    assert {one.reserved for one in balances} == ({amount} if refused is None else {0})


def test_each_step_is_told_once() -> None:
    balance = Balance(Account("w1", "workspace_day", "2026-11-21", 100))
    told = []
    for spent in (49, 50, 79, 85, 85, 100):
        balance.settled = spent
        told.append(balance.reached())
    assert told == [None, 50, None, 80, None, 100]


def test_a_budget_that_has_no_room_for_a_call_counts_as_spent_unless_others_are_only_under_way() -> None:
    balance = Balance(Account("w1", "workspace_day", "2026-11-21", 100), settled=40, reserved=55)
    assert balance.reached(refused=10) is None
    balance.settled, balance.reserved = 95, 0
    assert balance.reached(refused=10) == 100


def test_of_a_conversation_only_the_end_is_told() -> None:
    balance = Balance(Account("w1", "conversation:c1", "", 100), settled=85)
    assert balance.reached() is None
    balance.settled = 100
    assert balance.reached() == 100


@given(st.text(), st.text())
def test_no_tokenizer_can_exceed_the_estimate_by_bytes(system: str, question: str) -> None:
    texts = (system, question)
    bytes_of = sum(len(text.encode("utf-8", "replace")) for text in texts)
    assert most_input_tokens(Prompt(system, (Turn("user", question),)), Options()) > bytes_of

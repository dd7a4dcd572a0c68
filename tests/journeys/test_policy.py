"""An admin sets how sure the bot must be."""

import re

import pytest
from playwright.sync_api import StorageState, expect

from tests.journeys.conftest import Meet

pytestmark = pytest.mark.browser


def test_an_admin_sees_what_a_share_would_change_and_saves_it(meet: Meet, signed_in: StorageState) -> None:
    customer, admin = meet(), meet(storage_state=signed_in)
    customer.open("/chat")
    customer.ask("How do I stop an answer while it is being written?")
    page = admin.open("/console/policy")
    slider = page.get_by_role("slider")
    expect(slider).to_have_attribute("aria-valuetext", "at most 10% wrong")
    expect(page.get_by_text(re.compile("would have ended"))).to_be_visible()
    slider.fill("30")
    expect(page.get_by_text(re.compile("This is not a promise for your site yet"))).to_be_visible()
    page.get_by_label("Monday").fill("nine to five")
    page.get_by_role("button", name="Save the policy").click()
    expect(page.locator(".banner--bad")).to_contain_text("cannot be read")
    expect(page.get_by_label("Monday")).to_have_value("nine to five")
    page.get_by_label("Monday").fill("09:00 – 12:00, 13:00-17:00")
    page.get_by_label("Topics").fill("chargeback\nrefund dispute")
    page.get_by_role("button", name="Save the policy").click()
    expect(page.get_by_label("Monday")).to_have_value("09:00-12:00, 13:00-17:00")
    expect(slider).to_have_attribute("aria-valuetext", "at most 30% wrong")
    page.get_by_label("Monday").fill("")
    page.get_by_label("Topics").fill("")
    slider.fill("10")
    page.get_by_role("button", name="Save the policy").click()
    expect(slider).to_have_attribute("aria-valuetext", "at most 10% wrong")

"""Passkeys in a real browser with Chromium's own virtual authenticator: in the pages and in the technician's app."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, CDPSession, Page, expect, sync_playwright

from tests.support.browser import chromium
from tests.support.installation import installed, must
from tests.support.small_firm import PASSWORD, SmallFirm
from tests.support.technician_app import built

AUTHENTICATOR = {
    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True, "isUserVerified": True,
    "automaticPresenceSimulation": True,
}  # fmt: skip


@pytest.fixture(scope="module")
def firm() -> Iterator[SmallFirm]:
    """A firm with a published round."""
    built()
    with installed() as site:
        yield SmallFirm(site)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A browser."""
    with sync_playwright() as playwright:
        started = chromium(playwright)
        yield started
        started.close()


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in English of a phone's size."""
    context = browser.new_context(locale="en-US", viewport={"width": 360, "height": 800})
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


def localhost(firm: SmallFirm) -> str:
    """The name by which browsers let this machine have passkeys."""
    return firm.site.base_url.replace("127.0.0.1", "localhost")


def with_authenticator(page: Page) -> tuple[CDPSession, str]:
    """Give the browser an authenticator whose holder always touches it and is always known."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    return session, session.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})["authenticatorId"]


def count(session: CDPSession, authenticator: str) -> int:
    return len(session.send("WebAuthn.getCredentials", {"authenticatorId": authenticator})["credentials"])


def sign_in_by_password(page: Page, address: str, login: str) -> None:
    page.goto(f"{address}/sign-in")
    page.locator("#login").fill(login)
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button.primary").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def test_a_manager_adds_a_passkey_and_signs_in_by_it_without_typing(page: Page, firm: SmallFirm) -> None:
    session, authenticator = with_authenticator(page)
    address = localhost(firm)
    sign_in_by_password(page, address, "manager")
    page.goto(f"{address}/account")
    page.locator("#passkey-name").fill("desk")
    page.locator("#passkey-password").fill("wrong password")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.locator("#passkey-add .reason")).to_have_text("this is not your password")
    page.locator("#passkey-password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey “desk” is added.")).to_be_visible()
    assert count(session, authenticator) == 1

    page.context.clear_cookies()
    page.goto(f"{address}/sign-in?next=/office/due")
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(f"{address}/office/due")  # exactly: the sign-in page's own address ends so too

    page.goto(f"{address}/account")
    expect(page.locator("#passkeys tbody")).not_to_contain_text("never")
    page.locator("#passkeys summary").click()
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_text("The passkey is removed.")).to_be_visible()
    page.context.clear_cookies()
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("this passkey does not sign in here")).to_be_visible()


def test_a_holder_who_is_not_known_to_the_authenticator_is_not_signed_in(page: Page, firm: SmallFirm) -> None:
    session, authenticator = with_authenticator(page)
    address = localhost(firm)
    sign_in_by_password(page, address, "manager")
    page.goto(f"{address}/account")
    page.locator("#passkey-password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("is added.")).to_be_visible()
    page.context.clear_cookies()
    session.send("WebAuthn.setUserVerified", {"authenticatorId": authenticator, "isUserVerified": False})
    page.goto(f"{address}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("No passkey was used.")).to_be_visible()


def test_under_a_number_the_page_says_which_address_has_passkeys(page: Page, firm: SmallFirm) -> None:
    page.goto(f"{firm.site.base_url}/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text(f"Passkeys work under this address only: {localhost(firm)}/sign-in")).to_be_visible()


def test_a_technician_signs_in_to_the_app_by_a_passkey_until_the_phone_is_revoked(page: Page, firm: SmallFirm) -> None:
    session, authenticator = with_authenticator(page)
    address = localhost(firm)
    page.goto(f"{address}/t/#/sign-in")
    page.locator("#login").fill("technician-1")
    page.locator("#password").fill(PASSWORD)
    page.locator("main form button.primary").click()
    page.locator("a[href*='#/scan?order=']").first.wait_for()
    page.goto(f"{address}/t/#/enrol?invite={firm.invite()}")
    page.get_by_role("button", name="Enrol", exact=True).click()
    page.wait_for_url("**/#/phone")
    page.locator("#passkey-password").fill(PASSWORD)
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_text("The passkey is added.")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.locator("a[href*='#/scan?order=']").first.wait_for()
    assert count(session, authenticator) == 1

    [phone] = [each for each in must(firm.manager.get("/api/v1/phones")) if each["revoked_at"] is None]
    must(firm.manager.post(f"/api/v1/phones/{phone['id']}/revoke", json={"reason": "left on the bus"}))
    page.goto(f"{address}/t/#/phone")
    page.reload()
    expect(page.get_by_text("Your sign-in has ended").first).to_be_visible()
    page.goto(f"{address}/t/#/sign-in")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.get_by_text("this passkey does not sign in here")).to_be_visible()

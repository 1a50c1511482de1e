// A real Chromium, and what every page of the console must keep: it loads nothing from elsewhere, breaks no policy, reports
// no error.
import { chromium } from 'playwright-core';

export const say = line => console.log(JSON.stringify(line));

export async function openBrowser() {
  return chromium.launch({ executablePath: process.env.CHROMIUM, args: ['--no-sandbox', '--disable-dev-shm-usage'] });
}

/** A browser of somebody's own; `complaints` collects what it must not do. */
export async function openPage(browser, origin, { scheme = 'light', width = 1200, height = 800, complaints, allowed = [] }) {
  const context = await browser.newContext({ colorScheme: scheme, viewport: { width, height }, locale: 'en-GB', timezoneId: 'UTC' });
  context.setDefaultTimeout(15_000);
  const page = await context.newPage();
  const own = address => address.startsWith(origin);
  // Nothing leaves this machine, whatever a page asks for.
  await page.route(
    address => ![origin, ...allowed].includes(address.origin),
    route => route.abort(),
  );
  page.on(
    'request',
    request => own(page.url()) && !own(request.url()) && !request.isNavigationRequest() && complaints.push(`loads ${request.url()}`),
  );
  page.on('pageerror', error => complaints.push(`fails: ${error.stack}`));
  page.on('dialog', dialog => {
    complaints.push(`opens a dialog: ${dialog.message()}`);
    dialog.dismiss();
  });
  page.on('console', message => {
    if (message.type() === 'error' && own(page.url()) && !/the server responded with a status of/.test(message.text())) {
      complaints.push(`complains: ${message.text()}`);
    }
  });
  return page;
}

export async function byToken(page, origin, token, path = '/console') {
  await page.goto(origin + path);
  await page.getByLabel('Admin token').fill(token);
  await page.getByRole('button', { name: /Log in/ }).click();
  await page.locator('.side').waitFor();
}

/** Waits until a page shows what it has loaded. */
export async function settled(page) {
  await page.locator('#content h1').waitFor();
  await page.waitForFunction(() => !document.querySelector('.loading, [aria-busy=true]'));
}

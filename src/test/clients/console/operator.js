// A day with the console: an operator makes a tenant, issues a key, sees a call and its cost, revokes the key and sees why
// calls are refused. A member of a team sees its own tenant, and nothing of others.
import { openBrowser, openPage, say, settled } from './browser.js';

const { origin, issuer, api, rival, token, hostile } = JSON.parse(process.argv[2]);
const complaints = [];
const browser = await openBrowser();

/** Logs in through the provider's own pages. */
async function logIn(person, path = '/console') {
  const page = await openPage(browser, origin, { complaints, allowed: [issuer] });
  await page.goto(origin + path);
  await page.getByRole('link', { name: 'Log in with your organization' }).click();
  await page.locator('input[name=login]').fill(person);
  await page.locator('input[name=password]').fill('any');
  await page.getByRole('button', { name: 'Sign-in' }).click();
  await page.getByRole('button', { name: 'Continue' }).click();
  await page.locator('.side').waitFor();
  return page;
}

const call = (key, model = 'gpt-4o-mini') =>
  fetch(`${api}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'How much is a call?' }] }),
  });
const menu = (page, name) => page.getByRole('navigation').getByRole('link', { name }).click();

const alice = await logIn('alice', '/console/tenants');
await settled(alice);
say({ step: 'came back', path: new URL(alice.url()).pathname, who: await alice.locator('.who').innerText() });

await alice.getByRole('button', { name: 'New tenant' }).first().click();
await alice.getByLabel('Requests a minute').fill('many');
await alice.getByLabel('Tokens a minute').fill('few');
await alice.getByRole('button', { name: 'Create' }).click();
await alice.locator('#s-tpm-mistake').waitFor();
say({ step: 'mistakes', texts: await alice.locator('dialog .mistake').allInnerTexts() });
await alice.getByLabel('Requests a minute').fill('');
await alice.getByLabel('Tokens a minute').fill('');
await alice.getByLabel('Waits at most').fill('soon');
await alice.getByLabel('Name', { exact: true }).fill('Not a name');
await alice.getByRole('button', { name: 'Create' }).click();
await alice.locator('#t-name-mistake').waitFor();
say({
  step: 'refused',
  texts: await alice.locator('dialog .mistake').allInnerTexts(),
  plans: await alice.getByLabel('Plan', { exact: true }).locator('option').allInnerTexts(),
  text: await alice.locator('dialog .mistake, dialog .note-box').first().innerText(),
  kept: await alice.getByLabel('Name', { exact: true }).inputValue(),
});
await alice.getByLabel('Name', { exact: true }).fill('billing');
await alice.getByLabel('Waits at most').fill('');
await alice.getByLabel('Plan', { exact: true }).selectOption('paid');
await alice.getByLabel('Budget a day, in dollars').fill('$5');
await alice.getByRole('button', { name: 'Create' }).click();
await alice.getByRole('heading', { level: 1, name: 'billing' }).waitFor();

await alice.getByRole('button', { name: 'New key' }).first().click();
await alice.getByLabel('Label', { exact: true }).fill('production');
await alice.getByRole('button', { name: 'Issue key' }).click();
const key = await alice.getByLabel('Key', { exact: true }).inputValue();
await alice.keyboard.press('Escape');
await alice.keyboard.press('Escape');
await alice.locator('dialog[open]').waitFor();
say({
  step: 'issued',
  form: /^sk-sluice-[\w-]{43}$/.test(key),
  stays: (await alice.getByLabel('Key', { exact: true }).inputValue()) === key,
});
await alice.getByRole('button', { name: 'I have stored it' }).click();
await alice.locator('tr', { hasText: 'production' }).getByText('active').waitFor();
say({
  step: 'shown once',
  gone: !(await alice.content()).includes(key),
  stored: await alice.evaluate(() => JSON.stringify({ ...localStorage, ...sessionStorage })),
});

const answer = await call(key);
const id = answer.headers.get('x-sluice-request-id');
await menu(alice, 'Calls');
await alice.locator('tr', { hasText: 'billing' }).first().waitFor();
await alice.getByLabel('Request id').fill(id);
await alice.getByLabel('Request id').press('Enter');
await alice.getByText('What it took').waitFor();
say({ step: 'called', status: answer.status, text: await alice.locator('#content').innerText() });

await menu(alice, 'Keys');
await alice
  .locator('tr', { hasText: 'production' })
  .getByRole('button', { name: /Revoke/ })
  .click();
await alice.getByRole('dialog').getByRole('button', { name: 'Revoke key' }).click();
await alice.locator('tr', { hasText: 'production' }).getByText('revoked').first().waitFor();
say({ step: 'revoked', status: (await call(key)).status, foreign: (await call(rival, 'dall-e-3')).status });
await menu(alice, 'Overview');
await alice.getByText('key not accepted').first().waitFor();
say({ step: 'reason', text: await alice.locator('#content').innerText() });
await menu(alice, 'Audit');
await alice.getByText('revoked a key').first().waitFor();
say({ step: 'audit', text: await alice.locator('#content').innerText() });

// Without a mouse: to the content and through the menu by keyboard alone.
await alice.goto(`${origin}/console`);
await settled(alice);
await alice.keyboard.press('Tab');
const first = await alice.evaluate(() => document.activeElement.textContent);
await alice.keyboard.press('Tab');
await alice.keyboard.press('Tab');
await alice.keyboard.press('Tab');
await alice.keyboard.press('Enter');
await alice.getByRole('heading', { level: 1, name: 'Tenants' }).waitFor();
say({ step: 'keyboard', first, focus: await alice.evaluate(() => document.activeElement.id) });

const bob = await logIn('bob');
await settled(bob);
say({ step: 'team', menu: await bob.getByRole('navigation').innerText(), text: await bob.locator('#content').innerText() });
const seen = [];
for (const page of ['Your service', 'Keys', 'Usage and cost', 'Budgets', 'Calls']) {
  await menu(bob, page);
  await settled(bob);
  seen.push(await bob.locator('body').innerText());
}
await bob.goto(`${origin}/console/tenants/billing`);
await bob.getByText('There is nothing here').waitFor();
seen.push(await bob.locator('#content').innerText());
say({ step: 'own only', text: seen.join('\n') });
await menu(bob, 'Your service');
await bob.getByRole('button', { name: 'New key' }).first().click();
await bob.getByRole('button', { name: 'Issue key' }).click();
await bob.getByRole('button', { name: 'I have stored it' }).click();
await bob.locator('section[aria-label=Keys] tbody tr').nth(1).waitFor();
say({ step: 'self-service', keys: await bob.locator('section[aria-label=Keys] tbody tr').count() });

// Logged out in another tab: noticed, and the page stays.
const other = await bob.context().newPage();
await other.goto(`${origin}/console`);
await other.locator('.side').waitFor();
await other.getByRole('button', { name: 'Log out' }).click();
await other.waitForURL(address => address.href.startsWith(issuer));
await bob.getByRole('navigation').getByRole('link', { name: 'Overview' }).click();
await bob.getByRole('heading', { name: 'Your session has ended' }).waitFor();
say({ step: 'ended', page: new URL(bob.url()).pathname });
await bob.getByLabel('Admin token').fill(token);
await bob.getByRole('button', { name: 'Log in with the token' }).click();
await bob.locator('.side', { hasText: 'admin.token' }).waitFor();
await bob.getByText('Who calls most').waitFor();
say({ step: 'went on', who: await bob.locator('.who').innerText() });
// Somebody whose name would be markup, in what she has done.
const mallory = await logIn(hostile, '/console/tenants/bot');
await mallory.getByRole('button', { name: 'New key' }).first().click();
await mallory.getByRole('button', { name: 'Issue key' }).click();
await mallory.getByRole('button', { name: 'I have stored it' }).click();
await mallory.locator('section[aria-label=Keys]').getByText(hostile).waitFor();
await menu(mallory, 'Audit');
await mallory.getByRole('cell', { name: hostile }).first().waitFor();
say({ step: 'hostile', who: await mallory.locator('.who').innerText(), ran: await mallory.evaluate(() => window.ran ?? 0) });
say({ step: 'complaints', complaints });
await browser.close();

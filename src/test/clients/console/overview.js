// What the overview says first, who calls most, and who is refused.
import { byToken, openBrowser, openPage, say, settled } from './browser.js';

const { origin, token } = JSON.parse(process.argv[2]);
const complaints = [];
const browser = await openBrowser();
const page = await openPage(browser, origin, { complaints });
await byToken(page, origin, token);
await settled(page);
const text = async name => (await page.getByRole('region', { name, exact: true }).innerText()).replace(/\s+/g, ' ');
const wrong = page.getByRole('region', { name: 'What is wrong now' });
say({
  step: 'overview',
  wrong: (await wrong.count()) > 0 ? await wrong.innerText() : '',
  first: (await page.locator('#content .stack > *').first().getAttribute('data-key')) ?? '',
  busiest: await text('Who calls most'),
  refused: await text('Who is refused or fails, and why'),
  complaints,
});
await browser.close();

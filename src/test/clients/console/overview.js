// What the overview says first.
import { byToken, openBrowser, openPage, say, settled } from './browser.js';

const { origin, token } = JSON.parse(process.argv[2]);
const complaints = [];
const browser = await openBrowser();
const page = await openPage(browser, origin, { complaints });
await byToken(page, origin, token);
await settled(page);
const wrong = page.getByRole('region', { name: 'What is wrong now' });
say({
  step: 'overview',
  wrong: (await wrong.count()) > 0 ? await wrong.innerText() : '',
  first: (await page.locator('#content .stack > *').first().getAttribute('data-key')) ?? '',
  complaints,
});
await browser.close();

// A page asks every few seconds while it is seen: never in a hidden tab, and ever more rarely while the gateway fails. The
// browser's clock is turned by hand.
import { byToken, openBrowser, openPage, say } from './browser.js';

const { origin, token } = JSON.parse(process.argv[2]);
const TURN = 5_100;
const browser = await openBrowser();
const page = await openPage(browser, origin, { complaints: [] });
await page.clock.install();
let asked = 0;
page.on('request', request => (asked += request.url().endsWith('/overview') ? 1 : 0));
const answered = () => page.waitForResponse(response => response.url().endsWith('/overview'));
const turned = async by => {
  const before = asked;
  await page.clock.runFor(by);
  return asked - before;
};

const first = answered();
await byToken(page, origin, token);
await first;
await page.locator('.tiles').waitFor();
for (let i = 0; i < 3; i++) {
  const next = answered();
  await page.clock.runFor(TURN);
  await next;
  // The next turn begins when the answer has been shown.
  await page.waitForFunction(() => document.querySelector('.fresh')?.textContent === 'Live');
}
const seen = asked;

const hide = hidden =>
  page.evaluate(value => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
await hide(true);
const whileHidden = await turned(600_000);
const back = answered();
await hide(false);
await back;

await page.route('**/overview', route => route.abort());
const gaps = [];
let clock = 0;
let last = 0;
for (let known = asked; gaps.length < 4 && clock < 200; clock++) {
  await page.clock.runFor(1_000);
  if (asked > known) {
    known = asked;
    gaps.push(clock - last);
    last = clock;
    await page.getByText('Trying again by itself').waitFor();
  }
}
say({ step: 'polling', seen, whileHidden, gaps });
await browser.close();

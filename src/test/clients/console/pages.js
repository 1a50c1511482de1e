// Every page, in light and dark and on a phone: nothing that axe finds serious, nothing wider than the screen, nothing from
// elsewhere, no script that is not the console's. The data is hostile: names that would be markup.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { byToken, openBrowser, openPage, say, settled } from './browser.js';

const { origin, token, callId, at, pictures } = JSON.parse(process.argv[2]);
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const PAGES = {
  overview: '/console',
  tenants: '/console/tenants',
  tenant: '/console/tenants/search',
  keys: '/console/keys',
  usage: '/console/usage',
  models: '/console/usage?period=7d&by=model',
  tags: '/console/usage?period=7d&by=tag',
  budgets: '/console/budgets',
  calls: '/console/calls',
  call: `/console/calls/${callId}`,
  explain: '/console/explain',
  audit: '/console/audit',
  missing: '/console/nowhere',
};
const VIEWS = [
  { name: 'light', scheme: 'light', width: 1280, height: 820 },
  { name: 'dark', scheme: 'dark', width: 1280, height: 820 },
  { name: 'phone', scheme: 'light', width: 360, height: 740 },
];

const browser = await openBrowser();
for (const view of VIEWS) {
  const complaints = [];
  const page = await openPage(browser, origin, { ...view, complaints });
  await page.clock.setFixedTime(new Date(at));
  await page.goto(`${origin}/console`);
  await page.getByLabel('Admin token').waitFor();
  await judge(page, 'login', view, complaints);
  await byToken(page, origin, token);
  for (const [name, path] of Object.entries(PAGES)) {
    await move(page, path);
    await judge(page, name, view, complaints);
  }
  if (view.name === 'dark') {
    await move(page, PAGES.keys);
    const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: 'Export CSV' }).click()]);
    say({ page: 'exported', view: view.name, text: readFileSync(await file.path(), 'utf8') });
  }
  await page.context().close();
}
await browser.close();

/** Without a reload, since the token is in the page's memory. */
async function move(page, path) {
  await page.evaluate(to => {
    history.pushState(null, '', to);
    dispatchEvent(new Event('sluice:moved'));
  }, path);
  await settled(page);
}

async function judge(page, name, view, complaints) {
  await page.waitForFunction(() => !document.querySelector('.loading, [aria-busy=true]'));
  if (pictures) {
    await page.evaluate(() => scrollTo(0, 0));
    await page.screenshot({ path: `${pictures}/${name}-${view.name}.png` });
  }
  await page.evaluate(() => document.querySelectorAll('#content details').forEach(each => (each.open = true)));
  // The policy lets no script in, so axe comes by the debugger's way, as the test itself does.
  await page.evaluate(AXE);
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  const serious = found.violations
    .filter(each => ['serious', 'critical'].includes(each.impact))
    .map(
      each =>
        `${each.id}: ${each.nodes
          .map(node => node.html.slice(0, 160))
          .slice(0, 3)
          .join(' | ')}`,
    );
  say({
    page: name,
    view: view.name,
    serious,
    complaints: complaints.splice(0),
    tooWide: await page.evaluate(() => document.documentElement.scrollWidth - innerWidth),
    ran: await page.evaluate(() => window.ran ?? 0),
    title: await page.title(),
    text: (await page.locator('body').innerText()).slice(0, 6000),
  });
}

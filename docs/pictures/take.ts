// Takes the pictures of the console from a demo bank that runs: what the README shows is what is.
//   npm run demo && npm start
//   npx node docs/pictures/take.ts [http://127.0.0.1:7400 [NAME …]]
import type { Page } from 'playwright-core';
import { join } from 'node:path';
import { openBrowser, signedInPage } from '../../test/browser.ts';

type Picture = {
  readonly name: string;
  readonly user: string;
  readonly scheme: 'light' | 'dark';
  readonly path: string | ((url: string, page: Page) => Promise<string>);
  /** What is seen when the screen is whole. */
  readonly shows: string;
  readonly phone?: boolean;
};

const pictures: readonly Picture[] = [
  {
    ...{ name: 'overview', user: 'operations', scheme: 'light', path: '/' },
    shows: 'Policy countersigns',
  },
  {
    ...{ name: 'payment', user: 'compliance', scheme: 'light', path: deniedPayment },
    shows: 'Rules',
  },
  {
    ...{ name: 'reviews', user: 'compliance', scheme: 'dark', path: '/reviews' },
    shows: 'Evidence',
  },
  {
    ...{ name: 'policy', user: 'developer', scheme: 'light' },
    ...{ path: '/policies/payment-authorization/edit', shows: 'Rules' },
  },
  {
    ...{ name: 'model', user: 'developer', scheme: 'dark', path: '/models/payment-fraud' },
    shows: 'Drift',
  },
  { ...{ name: 'evidence', user: 'auditor', scheme: 'light', path: '/evidence' }, shows: 'Verify' },
  {
    ...{ name: 'bank', user: 'customer', scheme: 'light', path: '/bank', phone: true },
    shows: 'Home',
  },
  {
    ...{ name: 'rewards', user: 'customer', scheme: 'dark', path: '/bank/rewards', phone: true },
    shows: 'Latest',
  },
  {
    ...{ name: 'programme', user: 'marketing', scheme: 'light', shows: 'Line by line' },
    path: '/programs/everyday?tab=try&kind=purchase&amount=149.99&mcc=5812&tier=gold',
  },
];
const size = { width: 1440, height: 900 };
const phone = { width: 390, height: 844 };
/** Charts are drawn a moment after their figures are there. */
const drawnMs = 2_000;

const [url = 'http://127.0.0.1:7400', ...names] = process.argv.slice(2);
const browser = await openBrowser();
for (const picture of pictures) {
  if (names.length > 0 && !names.includes(picture.name)) continue;
  const { name, user, scheme } = picture;
  const page = await signedInPage(browser, {
    ...{ url, user, scheme, size: picture.phone ? phone : size },
  });
  const path = typeof picture.path === 'string' ? picture.path : await picture.path(url, page);
  await page.goto(url + path);
  await page.getByText(picture.shows).first().waitFor();
  await page.waitForTimeout(drawnMs);
  await page.screenshot({ path: join(import.meta.dirname, `${name}.png`) });
  console.log(`${name}.png  ${path} as ${user}`);
  await page.context().close();
}
await browser.close();

async function deniedPayment(_url: string, page: Page): Promise<string> {
  const id = await page.evaluate(async () => {
    const answer = await fetch('/v1/payments?status=denied&limit=1');
    const { items } = (await answer.json()) as { items: { payment_id: string }[] };
    return items[0]?.payment_id ?? '';
  });
  return `/payments?status=denied&id=${id}`;
}

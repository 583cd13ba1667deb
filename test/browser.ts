// A real browser for tests and pictures: Debian's Chromium, driven over its own protocol.
//   const browser = await openBrowser();
//   const page = await signedInPage(browser, { url, user: 'compliance' });
import { existsSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';

const executablePath = '/usr/bin/chromium';
const flags = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
  ...['--force-color-profile=srgb'],
];
const actionMaxMs = 15_000;

/** A machine without Chromium skips what needs it, and says so. */
export const noBrowser = existsSync(executablePath)
  ? false
  : `there is no ${executablePath}: apt-get install chromium`;

export function openBrowser(): Promise<Browser> {
  return chromium.launch({ executablePath, args: flags });
}

export type Look = {
  readonly url: string;
  /** Of the demo, such as `compliance` or `compliance-2`. */
  readonly user: string;
  readonly scheme?: 'light' | 'dark';
  readonly size?: { readonly width: number; readonly height: number };
};

/** A page of somebody who has signed in as a person would: by the button of the sign-in page. */
export async function signedInPage(browser: Browser, look: Look): Promise<Page> {
  const { url, user, scheme = 'light', size = { width: 1440, height: 900 } } = look;
  const context = await browser.newContext({
    ...{ viewport: size, colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' },
  });
  context.setDefaultTimeout(actionMaxMs);
  const page = await context.newPage();
  await page.goto(`${url}/auth/sign-in?return=/help`);
  await page.locator(`button[value$=" user:${user}"]`).click();
  await page.waitForURL(`${url}/help`);
  return page;
}

/** What the browser itself has to complain of: errors of scripts, and what the policy forbade. */
export function complaintsOf(context: BrowserContext): readonly string[] {
  const complaints: string[] = [];
  context.on('weberror', (error) => complaints.push(error.error().message));
  context.on('console', (message) => {
    const text = message.text();
    // A refusal by the API is told on the screen; the browser tells it again here.
    const isAnswer = /Failed to load resource: the server responded with a status/.test(text);
    if (message.type() === 'error' && !isAnswer) complaints.push(text);
  });
  return complaints;
}

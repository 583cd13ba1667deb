// What a person does at the console, whatever the journey: by keys, roles and words, as they do.
import type { Locator, Page } from 'playwright-core';

export async function press(page: Page, ...keys: readonly string[]): Promise<void> {
  for (const key of keys) await page.keyboard.press(key);
}

export function button(within: Page | Locator, name: string | RegExp): Locator {
  return within.getByRole('button', { name, exact: typeof name === 'string' });
}

export async function title(page: Page, name: string | RegExp): Promise<void> {
  await page.getByRole('heading', { level: 1, name }).waitFor();
}

const triesMax = 4;
const patienceMs = 8_000;

/** By `g` and the letter of the place; once more where a busy browser heard the second too late. */
export async function go(page: Page, key: string, name: string): Promise<void> {
  for (let tries = 1; tries < triesMax; tries += 1) {
    await press(page, 'g', key);
    const heading = page.getByRole('heading', { level: 1, name });
    const isThere = await heading.waitFor({ timeout: patienceMs }).then(
      () => true,
      () => false,
    );
    if (isThere) return;
  }
  await title(page, name);
}

export async function focused(goal: Locator): Promise<void> {
  await goal.and(goal.page().locator(':focus')).waitFor();
}

/** The first request that waits, by keys alone. */
export async function approve(page: Page, about: RegExp): Promise<void> {
  await go(page, 'v', 'Approvals');
  await page.getByRole('heading', { level: 2, name: about }).waitFor();
  await press(page, 'a');
  await focused(page.getByRole('dialog').getByRole('textbox', { name: 'Reason' }));
  await page.keyboard.type('reads well');
  await press(page, 'Enter');
  await page.getByText('Approved.').first().waitFor();
}

// What a person sees of the console in a browser, told so that a test can compare it; and the
// patience to wait for it.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Locator, Page } from 'playwright-core';

/** A machine that does other things too. */
export const actionMaxMs = 30_000;
const soonMs = 100;

export const longWord = 'w'.repeat(500);
/** Elements, an end of a script, and what turns the direction of all that follows it. */
export const hostile =
  '"><img src=x onerror="alert(1)"></script><script>alert(2)</script><b>bold</b> \u202egninrut';

export function gridOf(page: Page, name: string): Locator {
  return page.getByRole('grid', { name });
}

export function rowOf(list: Locator, id: string): Locator {
  return list.getByRole('row').and(list.locator(`[id="row-${id}"]`));
}

type Placed = { readonly id: string; readonly y: number };

/** The rows in sight, and where they stand. */
export function placesOf(list: Locator): Promise<readonly Placed[]> {
  return list.evaluate((grid) => {
    const { top, bottom } = grid.getBoundingClientRect();
    return [...grid.querySelectorAll('[role=row][id]')]
      .map((row) => ({ id: row.id, y: row.getBoundingClientRect().y }))
      .filter(({ y }) => y > top && y < bottom)
      .toSorted((one, next) => one.y - next.y);
  });
}

/** All that an address has to tell: what is chosen, listed and looked at; without ages. */
export function stateOf(page: Page) {
  return page.getByRole('main').evaluate((main) => {
    const all = (of: string) => [...main.querySelectorAll(of)];
    const textOf = (element: Element | null) => {
      const copy = element?.cloneNode(true) as Element | undefined;
      for (const time of copy?.querySelectorAll('time') ?? []) time.remove();
      return copy?.textContent ?? '';
    };
    const place = (row: Element) => Number(row.getAttribute('aria-rowindex'));
    const rows = all('[role=row][id]').toSorted((one, next) => place(one) - place(next));
    return {
      facets: all('fieldset').map(textOf),
      checked: all('input:checked').map((box) => box.closest('div')?.parentElement?.textContent),
      typed: all('input:not([type=checkbox])').map((box) => (box as HTMLInputElement).value),
      pressed: all('[aria-pressed=true]').map((each) => each.textContent),
      rows: rows.slice(0, 10).map((row) => [row.id, row.getAttribute('aria-selected')]),
      panel: textOf(main.querySelector('aside')),
    };
  });
}

/** Opens all that is folded. */
export function unfold(page: Page): Promise<void> {
  return page.evaluate(() => {
    for (const folded of document.querySelectorAll('details')) folded.open = true;
  });
}

/** What hostile text has done to a page: made elements, broken its frame, turned its neighbours. */
export function harmOn(page: Page): Promise<readonly string[]> {
  return page.evaluate(() => {
    const harm = [...document.querySelectorAll('img[src="x"], main b, main script')].map(
      ({ outerHTML }) => outerHTML,
    );
    if (document.documentElement.scrollWidth > window.innerWidth) harm.push('the page scrolls');
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) {
      const text = texts.currentNode;
      if (!text.nodeValue?.includes('\u202e')) continue;
      let frame = text.parentElement as Element;
      while (/^inline$/.test(getComputedStyle(frame).display)) {
        if (getComputedStyle(frame).unicodeBidi === 'isolate') break;
        frame = frame.parentElement as Element;
      }
      const behind = frame.textContent?.split('\u202e').at(-1)?.trim() ?? '';
      if (!/^gninrut[\sw]*"?$/.test(behind)) harm.push(`turned: ${behind}`);
    }
    return harm;
  });
}

export function statusOf(page: Page, path: string, body?: object): Promise<number> {
  return page.evaluate(
    async ([address, sent]) => {
      const headers = {
        'content-type': 'application/json',
        'idempotency-key': crypto.randomUUID(),
      };
      const post = { method: 'POST', headers, body: JSON.stringify(sent) };
      return (await fetch(address, sent === undefined ? {} : post)).status;
    },
    [path, body] as const,
  );
}

/** Until it reads the same twice. */
export async function settled<Read>(read: () => Promise<Read>): Promise<Read> {
  let before = '';
  let now = await read();
  await until(async () => {
    before = JSON.stringify(now);
    now = await read();
    return JSON.stringify(now) === before;
  });
  return now;
}

export async function until(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + actionMaxMs;
  while (!(await isSo())) {
    assert.ok(performance.now() < deadline, `it was not so within ${actionMaxMs} ms`);
    await sleep(soonMs);
  }
}

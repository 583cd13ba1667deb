// How a page of the console is judged for those who hear it, press keys, or need contrast: by axe,
// and by a walk of the keyboard from control to control.
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const axeFile = fileURLToPath(import.meta.resolve('axe-core/axe.min.js'));
export const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** What is drawn does not change for so long: a chart, a list that has arrived. */
const stillMs = 120;
const stillMaxMs = 3_000;
/** Stops of the keyboard on one screen, at most. */
const tabsMax = 400;

export async function dressed(page: Page, colorScheme: 'light' | 'dark'): Promise<void> {
  await page.emulateMedia({ colorScheme });
  await page.locator(`html[data-mantine-color-scheme="${colorScheme}"]`).waitFor();
}

/** As a link of the console goes: without loading it anew. */
export async function go(page: Page, address: string): Promise<void> {
  await page.evaluate((to) => history.pushState({}, '', to), address);
  await page.getByRole('heading', { level: 1 }).first().waitFor();
}

/** Nothing loads any more, and nothing moves but what is alive. */
export async function untilStill(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    // A list that goes on has one below its last row.
    [...document.querySelectorAll('[aria-label="Loading"]')].every(
      (each) => each.getBoundingClientRect().top > innerHeight,
    ),
  );
  await page.evaluate(
    ([still, most]) =>
      new Promise<void>((resolve) => {
        const end = () => {
          watch.disconnect();
          resolve();
        };
        let timer = setTimeout(end, still);
        const watch = new MutationObserver(() => {
          clearTimeout(timer);
          timer = setTimeout(end, still);
        });
        watch.observe(document, { subtree: true, childList: true, attributes: true });
        setTimeout(end, most);
      }),
    [stillMs, stillMaxMs] as const,
  );
}

/** Pages of its window that are loaded from now on can be judged. */
export function withAxe(page: Page): Promise<unknown> {
  return page.context().addInitScript({ path: axeFile });
}

/** What axe has to say of what is shown; dark differs from light in colours alone. */
export async function flawsOf(page: Page): Promise<readonly string[]> {
  await untilStill(page);
  const light = await axe(page, { runOnly: tags });
  await dressed(page, 'dark');
  const dark = await axe(page, { runOnly: { type: 'rule', values: ['color-contrast'] } });
  await dressed(page, 'light');
  return [...light, ...dark.map((told) => `in the dark: ${told}`)];
}

type Axe = { readonly run: (options: object) => Promise<{ readonly violations: Violation[] }> };
type Violation = {
  readonly id: string;
  readonly nodes: readonly {
    readonly target: readonly string[];
    readonly failureSummary: string;
  }[];
};

export async function axe(page: Page, runOnly: object): Promise<readonly string[]> {
  return page.evaluate(async (options) => {
    const { axe } = globalThis as unknown as { axe: Axe };
    const { violations } = await axe.run({
      ...{ ...options, resultTypes: ['violations'] },
      // It would write styles into the page, which its policy forbids.
      preload: false,
    });
    return violations.flatMap(({ id, nodes }) =>
      nodes.slice(0, 3).map(({ target, failureSummary }) => {
        const about = failureSummary.split('\n').slice(1).join('; ');
        return `${id} at ${target.join(' ')}: ${about}`;
      }),
    );
  }, runOnly);
}

/** Presses Tab until it is back at the first control: which it did not come to, which it hid. */
export async function walk(page: Page) {
  await page.evaluate(() => {
    const controls = 'a[href],button,input,select,textarea,summary,[tabindex="0"]';
    const isThere = (each: Element) =>
      each.checkVisibility({ visibilityProperty: true }) &&
      !each.matches(':disabled,[tabindex="-1"],[aria-hidden="true"],[aria-hidden="true"] *');
    const groups = new Set<string>();
    const all = [...document.querySelectorAll<HTMLElement>(controls)].filter((each) => {
      if (!isThere(each)) return false;
      if (!(each instanceof HTMLInputElement) || each.type !== 'radio') return true;
      // Of a group the keyboard stops at one, and goes on by arrows.
      const isFirst = !groups.has(each.name);
      groups.add(each.name);
      return isFirst;
    });
    const style = (each: Element | null | undefined) => {
      if (!each) return '';
      const { outline, boxShadow, borderColor, backgroundColor } = getComputedStyle(each);
      return [outline, boxShadow, borderColor, backgroundColor].join();
    };
    const look = (each: Element) =>
      [each, each.nextElementSibling, each.parentElement].map(style).join('|');
    Object.assign(window, { walk: { all, look, seen: new Set(), unseen: [], last: undefined } });
    (document.activeElement as HTMLElement | null)?.blur();
  });
  for (let tabs = 0; tabs < tabsMax; tabs += 1) {
    await page.keyboard.press('Tab');
    if (await page.evaluate(step)) break;
  }
  return page.evaluate(() => {
    const { all, seen, unseen } = (window as unknown as { walk: Walk }).walk;
    const nameOf = (each: Element) => each.outerHTML.slice(0, 160);
    const groups = [...seen].map((each) => (each instanceof HTMLInputElement ? each.name : ''));
    const isSeen = (each: Element) =>
      seen.has(each) ||
      !each.isConnected ||
      (each instanceof HTMLInputElement && each.type === 'radio' && groups.includes(each.name));
    return { missed: all.filter((each) => !isSeen(each)).map(nameOf), unseen: unseen.map(nameOf) };
  });
}

type Walk = {
  readonly all: readonly Element[];
  readonly look: (each: Element) => string;
  readonly seen: Set<Element>;
  readonly unseen: Element[];
  last: { readonly element: Element; readonly focused: string } | undefined;
};

/** Notes where the focus is now; yes once it is where it was before. */
function step(): boolean {
  const { walk } = window as unknown as { walk: Walk };
  const { activeElement: element } = document;
  // A field for a moment has several stops: day, month, year.
  if (element && element === walk.last?.element) return false;
  if (walk.last?.element.isConnected) {
    const { element: before, focused } = walk.last;
    if (walk.look(before) === focused) walk.unseen.push(before);
  }
  walk.last = undefined;
  // Between the last control of a page and its first.
  if (!element || element === document.body) return false;
  if (walk.seen.has(element)) return true;
  walk.seen.add(element);
  walk.last = { element, focused: walk.look(element) };
  return false;
}

// An agenda: what is still to happen, handed out in order of time (a binary heap).
import type { Instant } from '#core';

export type Agenda<T> = {
  readonly add: (at: Instant, item: T) => void;
  /** The earliest item when it is due by `until`; of equal instants, the one added first. */
  readonly takeDue: (until: Instant) => T | undefined;
};

export function createAgenda<T>(): Agenda<T> {
  type Entry = { readonly at: Instant; readonly order: number; readonly item: T };
  const heap: Entry[] = [];
  let added = 0;

  function isBefore(a: number, b: number): boolean {
    const [first, second] = [heap[a] as Entry, heap[b] as Entry];
    return first.at < second.at || (first.at === second.at && first.order < second.order);
  }

  function swap(a: number, b: number): void {
    [heap[a], heap[b]] = [heap[b] as Entry, heap[a] as Entry];
  }

  function sink(): void {
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) {
        if (child < heap.length && isBefore(child, least)) least = child;
      }
      if (least === at) return;
      swap(at, least);
      at = least;
    }
  }

  return {
    add(at, item) {
      let index = heap.push({ at, order: added, item }) - 1;
      added += 1;
      while (index > 0 && isBefore(index, (index - 1) >>> 1)) {
        swap(index, (index - 1) >>> 1);
        index = (index - 1) >>> 1;
      }
    },
    takeDue(until) {
      const first = heap[0];
      if (first === undefined || first.at > until) return undefined;
      const last = heap.pop() as Entry;
      if (heap.length > 0) {
        heap[0] = last;
        sink();
      }
      return first.item;
    },
  };
}

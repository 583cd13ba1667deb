// Rows for people: columns of equal width, words to the left, figures to the right.

/** Columns of words, as many as said, then columns of figures. */
export function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
  words = 1,
): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const cell = (text: string, column: number) => {
    const width = widths[column] ?? 0;
    return column < words ? text.padEnd(width) : text.padStart(width);
  };
  return [head, ...rows].map((cells) => cells.map(cell).join('  ').trimEnd()).join('\n');
}

/** `12,345`. */
export function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** What is wrong with a document, place by place, as `errors` of a problem. */
export function flawLines(errors: unknown): string[] {
  const flaws = (errors ?? []) as readonly { readonly pointer: string; readonly detail: string }[];
  return flaws.map(({ pointer, detail }) => `  ${pointer || 'as a whole'}: ${detail}`);
}

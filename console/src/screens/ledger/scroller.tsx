// What scrolls by itself, also by the arrow keys of those who have no mouse (WCAG 2.1.1).
import type { ReactNode } from 'react';

export function Scroller({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ReactNode;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard scrolls it
    <section className="ledger-scroll" tabIndex={0} aria-label={label}>
      {children}
    </section>
  );
}

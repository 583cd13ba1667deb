// Two halves: what waits on the left, the one that is looked at on the right.
import type { ReactNode, Ref } from 'react';
import './split.css';

export function Split({
  list,
  label,
  detailRef,
  children,
}: {
  readonly list: ReactNode;
  /** Of the right half. */
  readonly label: string;
  readonly detailRef?: Ref<HTMLElement>;
  readonly children: ReactNode;
}) {
  return (
    <div className="split">
      <div className="split-list">{list}</div>
      <article className="split-detail" aria-label={label} ref={detailRef} tabIndex={-1}>
        {children}
      </article>
    </div>
  );
}

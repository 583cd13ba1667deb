// One stage of a payment's path, in the color of the plane that speaks there.
import type { ReactNode } from 'react';

export type Plane = 'ai' | 'policy' | 'money';
const planes: Readonly<Record<Plane, string>> = {
  ai: 'AI proposes',
  policy: 'policy decides',
  money: 'the ledger posts',
};

export function Stage({
  title,
  about,
  plane,
  isEmpty = false,
  children,
}: {
  readonly title: string;
  readonly about?: ReactNode;
  readonly plane?: Plane;
  /** Whether it was passed without anything happening. */
  readonly isEmpty?: boolean;
  readonly children?: ReactNode;
}) {
  return (
    <li data-plane={plane} data-empty={isEmpty || undefined}>
      <div className="stage-head">
        <h2>{title}</h2>
        {about !== undefined && <span className="dimmed">{about}</span>}
        {plane !== undefined && <span className="stage-plane">{planes[plane]}</span>}
      </div>
      {children}
    </li>
  );
}

// A part of what is looked at: a small title and a hairline, no box.
import type { ReactNode } from 'react';

export function Section({
  title,
  about,
  children,
}: {
  readonly title: string;
  /** Behind the title, small. */
  readonly about?: ReactNode;
  readonly children: ReactNode;
}) {
  return (
    <section className="detail-section" aria-label={title}>
      <h2>
        {title}
        {about !== undefined && <small>{about}</small>}
      </h2>
      {children}
    </section>
  );
}

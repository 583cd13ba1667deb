// A strip of figures that belong together: the name above, what is to be known of each below.
import type { ReactNode } from 'react';
import './drift.css';

export type FigureOf = {
  readonly name: string;
  readonly value: ReactNode;
  readonly about?: ReactNode;
  readonly tone?: 'good' | 'bad' | undefined;
};

export function FigureStrip({ of }: { readonly of: readonly FigureOf[] }) {
  return (
    <div className="figures">
      {of.map(({ name, value, about, tone }) => (
        <div key={name} className="figure">
          <div className="figure-name">{name}</div>
          <div className="figure-value" data-tone={tone}>
            {value}
          </div>
          {about !== undefined && <div className="figure-about">{about}</div>}
        </div>
      ))}
    </div>
  );
}

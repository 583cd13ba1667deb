// The head of what is looked at beside a list: its name and state, what can be done, and its calls.
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { CopyId } from '../../parts/id.tsx';

type DetailHeadProps = {
  readonly title: string;
  readonly state: ReactNode;
  readonly id: string;
  /** The address of its calls. */
  readonly calls: string;
  /** The acts. */
  readonly children: ReactNode;
};

export function DetailHead({ title, state, id, calls, children }: DetailHeadProps) {
  return (
    <header className="detail-head">
      <div className="detail-line">
        <h2 className="gateway-title text">{title}</h2>
        {state}
        <span className="dimmed gateway-id">
          <span className="mono">{id}</span>
          <CopyId text={id} />
        </span>
      </div>
      <div className="object-acts gateway-acts">
        {children}
        <Button variant="default" renderRoot={(props) => <Link to={calls as never} {...props} />}>
          Its calls
        </Button>
      </div>
    </header>
  );
}

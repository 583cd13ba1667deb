// A button for what not everybody may do: it stays where it is, and says why not.
import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { ReactNode } from 'react';
import { type Right, useMay } from '../api/session.ts';

export function ActButton({
  right,
  unless,
  onClick,
  children,
  ...props
}: ButtonProps & {
  readonly right: Right;
  /** Another reason why it cannot be done now, in words. */
  readonly unless?: string | undefined;
  readonly onClick: () => void;
  readonly children: ReactNode;
  readonly type?: 'button' | 'submit';
}) {
  const may = useMay()(right);
  const why = may.allowed ? unless : may.why;
  const button = (
    <Button
      variant="default"
      {...props}
      // Stays in the order of the keyboard, so that its reason can be heard.
      {...(why === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })}
      onClick={(event) => {
        if (why === undefined) onClick();
        else event.preventDefault();
      }}
    >
      {children}
    </Button>
  );
  return why === undefined ? button : <Tooltip label={why}>{button}</Tooltip>;
}

// What did not work, as a customer is told: words and another try, without codes.
import { Button } from '@mantine/core';
import { CircleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';

/** A word to a customer, with an icon: what waits, what failed, what has been done. */
export function Note({
  tone,
  icon,
  role = 'status',
  children,
}: {
  readonly tone: 'bad' | 'wait' | 'plain';
  readonly icon: ReactNode;
  readonly role?: 'status' | 'alert' | 'note';
  readonly children: ReactNode;
}) {
  return (
    <div className="bank-note" data-tone={tone} role={role}>
      {icon}
      <div>{children}</div>
    </div>
  );
}

export function Trouble({
  error,
  retry,
}: {
  readonly error: unknown;
  readonly retry?: () => unknown;
}) {
  return (
    <>
      <Note tone="bad" icon={<CircleAlert size={20} aria-hidden />} role="alert">
        {troubleWords(error)}
      </Note>
      {retry && (
        <Button variant="default" onClick={() => void retry()}>
          Try again
        </Button>
      )}
    </>
  );
}

/** Whether it may have been carried out all the same: then the same is sent again, under its key. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof ApiProblem)) return true;
  const { status, retryable } = error.problem;
  return status === 0 || status >= 500 || retryable === true;
}

function troubleWords(error: unknown): string {
  if (!(error instanceof ApiProblem)) return 'This did not work. Please try again.';
  const { status, title, detail, errors = [] } = error.problem;
  if (status === 0) return 'We cannot be reached at the moment. Please try again.';
  if (status === 401) return 'You have been signed out.';
  if (status === 404) return 'There is nothing of yours here.';
  if (status === 429) return 'That was a little fast. Please try again in a moment.';
  if (status >= 500) return 'Something is wrong on our side. Please try again in a moment.';
  return errors[0] ? `${errors[0].pointer.slice(1)} ${errors[0].detail}` : (detail ?? title);
}

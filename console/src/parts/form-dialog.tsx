// What is asked before an act: a form in a dialog. Enter does it, Escape does not; a refusal stands
// below what was typed, and nothing of that is lost.
import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { ApiProblem } from '../api/client.ts';
import { Dialog } from './dialog.tsx';
import { Refusal } from './refusal.tsx';
import { flawText } from './states.tsx';

type FormDialogProps = {
  readonly title: string;
  /** The word on the button. */
  readonly does: string;
  readonly danger?: boolean;
  readonly size?: string | number;
  /** What is missing still, in words. */
  readonly missing?: string | undefined;
  readonly isPending: boolean;
  readonly error?: unknown;
  /** The fields that tell themselves what is wrong with them, as the API points to them. */
  readonly fields?: readonly string[];
  /** The first words of a request for approval, where one is needed. */
  readonly about?: string;
  /** Once there is an answer to look at, there is nothing left to do but to close. */
  readonly isDone?: boolean;
  readonly submit: () => void;
  readonly close: () => void;
  readonly children?: ReactNode;
};

export function FormDialog(props: FormDialogProps) {
  const { title, does, danger = false, size = 460, missing, isPending, error, about } = props;
  const { isDone = false, fields = [], submit, close, children } = props;
  const hasError = error !== undefined && error !== null && !isToldAt(error, fields);
  return (
    <Dialog close={close} title={title} size={size}>
      <Stack gap="md">
        <form
          id="form-dialog"
          onSubmit={(event) => {
            event.preventDefault();
            if (missing === undefined && !isPending && !isDone) submit();
          }}
        >
          <Stack gap="md">{children}</Stack>
        </form>
        {/* Not within the form: it may be one of its own. */}
        {hasError && <Refusal error={error} about={about ?? title} />}
        <Group gap="sm">
          {isDone ? (
            // What had the focus is gone.
            <Button onClick={close} autoFocus>
              Done
            </Button>
          ) : (
            <>
              <Button
                type="submit"
                form="form-dialog"
                // Unless a field asks for it before.
                data-autofocus
                loading={isPending}
                {...(danger ? { color: 'red' } : {})}
                {...(hasError ? { variant: 'default' } : {})}
                {...(missing === undefined ? {} : { 'data-disabled': true, 'aria-disabled': true })}
              >
                {does}
              </Button>
              <Button variant="default" onClick={close}>
                Cancel
              </Button>
              {missing !== undefined && (
                <Text c="dimmed" fz="sm" role="status">
                  {missing}
                </Text>
              )}
            </>
          )}
        </Group>
      </Stack>
    </Dialog>
  );
}

function isToldAt(error: unknown, fields: readonly string[]): boolean {
  const flaws = error instanceof ApiProblem ? (error.problem.errors ?? []) : [];
  return (
    flaws.length > 0 &&
    flaws.every(({ pointer }) => fields.some((field) => pointer.startsWith(field)))
  );
}

/** What is wrong with one field, for its own place. */
export function flawOf(error: unknown, field: string): string | undefined {
  if (!(error instanceof ApiProblem)) return undefined;
  const flaw = error.problem.errors?.find(({ pointer }) => pointer.startsWith(field));
  return flaw && flawText(flaw.detail);
}

// The button of an act that may have to wait for other people: what it says when they are asked.
import { Button } from '@mantine/core';
import { wantedApproval } from '../../parts/refusal.tsx';

type SubmitProps = {
  readonly name: string;
  readonly error: unknown;
  readonly isPending: boolean;
};

export function SubmitButton({ name, error, isPending }: SubmitProps) {
  const isWaiting = wantedApproval(error) !== undefined;
  return (
    <Button type="submit" loading={isPending} variant={isWaiting ? 'default' : 'filled'}>
      {isWaiting ? `${name}, once approved` : error ? 'Try again' : name}
    </Button>
  );
}

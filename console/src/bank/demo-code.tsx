// On the demo's own machine: the code that the customer's app would show. Elsewhere there is none.
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Smartphone } from 'lucide-react';

type Shown = {
  readonly authenticator_id: string;
  readonly code: string;
  readonly valid_until: string;
};

const soonMs = 1_000;

export function DemoCode({
  authenticatorId,
  use,
}: {
  readonly authenticatorId: string;
  readonly use: (code: string) => void;
}) {
  const { data } = useQuery({
    queryKey: ['demo-authenticator'],
    queryFn: ({ signal }) => readShown(signal),
    gcTime: 0,
    refetchInterval: ({ state }) => (state.data ? untilNext(state.data) : false),
  });
  if (data?.authenticator_id !== authenticatorId) return null;
  return (
    <div className="bank-demo">
      <Smartphone size={20} aria-hidden />
      <span>
        Demo: the app of this customer shows <strong>{data.code}</strong>
      </span>
      <Button variant="default" size="md" fullWidth={false} onClick={() => use(data.code)}>
        Fill in
      </Button>
    </div>
  );
}

async function readShown(signal: AbortSignal): Promise<Shown | null> {
  const response = await fetch('/auth/demo-authenticator', { signal, credentials: 'same-origin' });
  return response.ok ? ((await response.json()) as Shown) : null;
}

function untilNext({ valid_until }: Shown): number {
  return Math.max(soonMs, Date.parse(valid_until) - Date.now() + soonMs);
}

// Events as the log tells them: their text is sent as it was stored, so their shape is said here.
import type { Answer } from './client.ts';

export type SealedEvent = {
  readonly position: number;
  readonly event: {
    readonly id: string;
    readonly type: string;
    readonly time: string;
    readonly subject?: string;
    readonly data: {
      readonly occurred_at: string;
      readonly payload: Readonly<Record<string, unknown>>;
    } & Readonly<Record<string, unknown>>;
  };
};

export function eventsIn(page: Answer<'GET /v1/events'> | undefined): readonly SealedEvent[] {
  return (page as { readonly items: readonly SealedEvent[] } | undefined)?.items ?? [];
}

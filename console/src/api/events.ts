// Events as the log tells them: their text is sent as it was stored, so their shape is said here.
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

/** Of an answer of `GET /v1/events`, whose type says nothing. */
export function eventsIn(page: unknown): readonly SealedEvent[] {
  return (page as { readonly items: readonly SealedEvent[] } | undefined)?.items ?? [];
}

// Who acts: every key, token and approval belongs to exactly one principal of one tenant.

export const principalKinds = ['user', 'agent', 'partner', 'service'] as const;

export type PrincipalKind = (typeof principalKinds)[number];

export type Principal = {
  readonly kind: PrincipalKind;
  readonly id: string;
  readonly tenant: string;
};

/** `user:alice-key`: the text form, which stands in commands and events. */
export function principalText({ kind, id }: Principal): string {
  return `${kind}:${id}`;
}

/** The principal of a recorded text. */
export function principalOf(text: string, tenant: string): Principal {
  const [kind, ...id] = text.split(':');
  return { kind: kind as PrincipalKind, id: id.join(':'), tenant };
}

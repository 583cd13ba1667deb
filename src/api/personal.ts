// Personal values on their way out: each as it is, masked, or not at all, as the entitlements of
// the caller say for the purpose that the request names.
import { nullable } from '#core';
import { type FieldClass, isToken, maskValue } from '#privacy';
import { type Asker, purposes, type Scope } from '#policy';
import type { Planes } from '#main';
import type { FastifyRequest } from 'fastify';
import Type from 'typebox';
import type { Caller } from './authenticate.ts';
import type { Parts } from './routes.ts';

export const shown = nullable(
  Type.String({ description: 'As the caller may see it for the purpose; null where not at all.' }),
);

export type Kept = { readonly class: FieldClass; readonly token: string | null };

/**
 * What the caller sees of some values of one customer, in their order; null for what is hidden or
 * erased. Only what may be seen leaves the vault.
 */
export async function visibleValues(
  { planes, authenticate }: Parts,
  request: FastifyRequest,
  { scope, customer }: { readonly scope: Scope; readonly customer: string },
  values: readonly Kept[],
): Promise<(string | null)[]> {
  const caller = await authenticate.fresh(request, scope);
  const purpose = purposes.find((known) => known === request.headers['purpose']);
  const theirs = values.map((value) => ({ ...value, customer }));
  return visibleTo(planes, { caller, purpose }, theirs);
}

/** The same for one who is known already, of values of any customers. */
export async function visibleTo(
  { clock, entitlements, vault }: Pick<Planes, 'clock' | 'entitlements' | 'vault'>,
  { caller, purpose }: { readonly caller: Caller; readonly purpose: Asker['purpose'] | undefined },
  values: readonly (Kept & { readonly customer: string })[],
): Promise<(string | null)[]> {
  const { principal, subject, scopes, epoch, rules } = caller;
  const { tenant } = principal;
  const asker: Asker = {
    ...{ subject, epoch, rules, at: clock.now() },
    ...(scopes === undefined ? {} : { scopes }),
    // Whoever reads by a consent, as agents and partners do, reads through the gateway.
    consents: [],
    ...(purpose === undefined ? {} : { purpose }),
  };
  const seen = values.map(({ class: of, customer }) => {
    return entitlements.visibleFields(asker, { tenant, customer }, [of])[of];
  });
  const wanted = values.map(({ token }, at) => (seen[at] === 'hidden' ? null : token));
  const tokens = wanted.flatMap((token) => token ?? []);
  const found = await vault.detokenize(tenant, tokens);
  const byToken = new Map(tokens.map((token, at) => [token, found[at]]));
  return values.map(({ class: of }, at) => {
    const token = wanted[at];
    const value = token != null && isToken(token) ? byToken.get(token) : undefined;
    if (value === undefined) return null;
    return seen[at] === 'full' ? value : maskValue(of, value);
  });
}

// Personal values on their way out: each as it is, masked, or not at all, as the entitlements of
// the caller say for the purpose that the request names.
import { type FieldClass, isToken, maskValue } from '#privacy';
import { type Asker, purposes, type Scope } from '#policy';
import type { FastifyRequest } from 'fastify';
import type { Parts } from './routes.ts';

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
  const { principal, subject, scopes, epoch, rules } = await authenticate.fresh(request, scope);
  const { tenant } = principal;
  const purpose = purposes.find((known) => known === request.headers['purpose']);
  const asker: Asker = {
    ...{ subject, scopes, epoch, rules, at: planes.clock.now() },
    // Whoever reads by a consent, as agents and partners do, reads through the gateway.
    consents: [],
    ...(purpose === undefined ? {} : { purpose }),
  };
  const classes = [...new Set(values.map((each) => each.class))];
  const seen = planes.entitlements.visibleFields(asker, { tenant, customer }, classes);
  const wanted = values.map((each) => (seen[each.class] === 'hidden' ? null : each.token));
  const tokens = wanted.flatMap((token) => token ?? []);
  const found = await planes.vault.detokenize(tenant, tokens);
  const byToken = new Map(tokens.map((token, at) => [token, found[at]]));
  return values.map(({ class: of }, at) => {
    const token = wanted[at];
    const value = token != null && isToken(token) ? byToken.get(token) : undefined;
    if (value === undefined) return null;
    return seen[of] === 'full' ? value : maskValue(of, value);
  });
}

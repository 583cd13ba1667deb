// Offers as a channel shows them: their words, where to apply, and how well they fit.
import { externalId, type Pool, type Uuid, withTx } from '#core';

export type ShownOffer = {
  readonly offer_id: string;
  readonly product_code: string;
  readonly message: string;
  readonly why: string;
  /** 0 to 1, to four places: how likely the customer accepts. */
  readonly score: number;
  readonly api_endpoint: string;
};

/** In the order of the ids. */
export async function readShown(
  pool: Pool,
  tenant: string,
  ids: readonly Uuid[],
): Promise<readonly ShownOffer[]> {
  if (ids.length === 0) return [];
  const { rows } = await withTx(pool, (tx) => tx.query<Row>(shownSql, [ids]), {
    ...{ tenant, readOnly: true },
  });
  return rows.map(({ id, ppm, api_endpoint, ...row }) => {
    const offer_id = externalId('offer', id);
    const score = Math.round(ppm / 100) / 10_000;
    return { offer_id, score, api_endpoint: api_endpoint ?? acceptPath(offer_id), ...row };
  });
}

/** Where an offer leads that names no place to apply: to its acceptance. */
function acceptPath(offer: string): string {
  return `/v1/offers/${offer}/accept`;
}

type Row = {
  readonly id: Uuid;
  readonly product_code: string;
  readonly message: string;
  readonly why: string;
  readonly api_endpoint: string | null;
  readonly ppm: number;
};

const shownSql = `
  select o.id, a.body #>> '{product,code}' as product_code, o.message, o.why, o.api_endpoint,
         e.propensity_ppm as ppm
    from unnest($1::uuid[]) with ordinality as wanted(id, place)
    join offers.offer o on o.tenant_id = core.current_tenant() and o.id = wanted.id
    join offers.exposure e on e.tenant_id = o.tenant_id and e.offer_id = o.id
    join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
     and a.version = o.action_version
   order by wanted.place`;

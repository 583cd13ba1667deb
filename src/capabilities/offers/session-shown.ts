// Offers as a channel shows them: their words, where to apply, and how well they fit.
import { externalId, type Tx, type Uuid } from '#core';

export type ShownOffer = {
  readonly offer_id: string;
  readonly product_code: string;
  readonly message: string;
  readonly why: string;
  /** 0 to 1, to four places: how likely the customer accepts. */
  readonly score: number;
  readonly api_endpoint: string;
};

/** Of each question, in the order of its ids. */
export async function readShown(
  tx: Tx,
  questions: readonly (readonly Uuid[])[],
): Promise<readonly (readonly ShownOffer[])[]> {
  const { rows } = await tx.query<Row>({
    name: 'offers-shown',
    text: shownSql,
    values: [questions.flat()],
  });
  const shown = new Map(rows.map((row) => [row.id, shownIn(row)]));
  return questions.map((ids) => ids.flatMap((id) => shown.get(id) ?? []));
}

function shownIn({ id, ppm, api_endpoint, ...row }: Row): ShownOffer {
  const offer_id = externalId('offer', id);
  const score = Math.round(ppm / 100) / 10_000;
  return { offer_id, score, api_endpoint: api_endpoint ?? acceptPath(offer_id), ...row };
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
    from unnest($1::uuid[]) as wanted(id)
    join offers.offer o on o.tenant_id = core.current_tenant() and o.id = wanted.id
    join offers.exposure e on e.tenant_id = o.tenant_id and e.offer_id = o.id
    join offers.action a on a.tenant_id = o.tenant_id and a.code = o.action
     and a.version = o.action_version`;

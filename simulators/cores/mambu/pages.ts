// Pages and searches of a simulated Mambu: offsets with totals in headers, and filter criteria.
import type { SimAnswer, SimRequest } from '../simulator.ts';
import { answer, invalid, isObject, refusal, type Sent, type SentObject, textOf } from './wire.ts';

const [limitDefault, limitMax] = [50, 1_000];

/** Answers a part of `all`; how many there are is told only to those who ask for it. */
export function paged<What>(
  { query }: Pick<SimRequest, 'query'>,
  all: readonly What[],
  view: (item: What) => unknown,
): SimAnswer {
  const [offset, limit] = [query.get('offset') ?? '0', query.get('limit') ?? `${limitDefault}`];
  if (!/^\d{1,9}$/.test(offset)) return refusal(400, 'INVALID_PAGINATION_OFFSET_VALUE');
  if (!/^\d{1,9}$/.test(limit)) return refusal(400, 'INVALID_PAGINATION_LIMIT_VALUE');
  if (Number(limit) > limitMax) return refusal(400, 'OUT_OF_BOUNDS_PAGINATION_LIMIT_VALUE');
  const details = query.get('paginationDetails') ?? 'OFF';
  if (details !== 'ON' && details !== 'OFF') return invalid('paginationDetails');
  const items = all.slice(Number(offset), Number(offset) + Number(limit));
  const told = {
    ...{ 'items-total': String(all.length), 'items-offset': offset, 'items-limit': limit },
  };
  return answer(200, items.map(view), details === 'ON' ? told : {});
}

export type Criterion = {
  readonly field: string;
  readonly operator: string;
  readonly value: string;
  readonly values: readonly string[];
};
export type Search = {
  readonly criteria: readonly Criterion[];
  readonly sorting: { readonly field: string; readonly order: string } | null;
};

/** Undefined for what is no search. */
export function readSearch(body: Sent | undefined): Search | undefined {
  if (!isObject(body) || !Array.isArray(body['filterCriteria'])) return undefined;
  const criteria = (body['filterCriteria'] as readonly Sent[]).map(readCriterion);
  if (criteria.includes(undefined)) return undefined;
  const sorting = body['sortingCriteria'];
  if (sorting !== undefined && !(isObject(sorting) && textOf(sorting['field']))) return undefined;
  const { field, order } = (sorting ?? {}) as SentObject;
  const by = { field: textOf(field) ?? '', order: textOf(order) ?? 'DESC' };
  return { criteria: criteria as readonly Criterion[], sorting: sorting ? by : null };
}

function readCriterion(sent: Sent): Criterion | undefined {
  if (!isObject(sent)) return undefined;
  const [field, operator] = [textOf(sent['field']), textOf(sent['operator'])];
  if (field === undefined || operator === undefined) return undefined;
  const several = Array.isArray(sent['values']) ? (sent['values'] as readonly Sent[]) : [];
  const values = several.flatMap((value) => (typeof value === 'string' ? [value] : []));
  return { field, operator, value: textOf(sent['value']) ?? '', values };
}

/** Whether a value is what is asked for; undefined for an operator that is not taken here. */
export function isMet({ operator, value, values }: Criterion, of: string): boolean | undefined {
  switch (operator) {
    case 'EQUALS':
      return of.toLowerCase() === value.toLowerCase();
    case 'EQUALS_CASE_SENSITIVE':
      return of === value;
    case 'IN':
      return values.includes(of);
    default:
      return undefined;
  }
}

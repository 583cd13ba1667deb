// The shapes of screenings, and the words of the API for why a hit means somebody else.
import type { Answer, Call } from '../../api/client.ts';

export type Screening = Answer<'GET /v1/screenings/{id}'>;
export type Listed = Answer<'GET /v1/screenings'>['items'][number];
export type Hit = Screening['hits'][number];
export type List = Answer<'GET /v1/screening-lists'>['items'][number];
export type Clearing = Call<'POST /v1/screening-clearances'>['body'];
export type Reason = Clearing['reason'];
export type Request = Call<'POST /v1/screenings'>['body'];

/** Every reason of the API has its sentence: the compiler sees to it. */
export const reasonWords: Readonly<Record<Reason, string>> = {
  other_birth_date: 'The date of birth is another one',
  other_country: 'The countries are other ones',
  other_gender: 'The gender is another one',
  other_name: 'The whole name is another one',
  other_entity_type: 'One is a person, the other is not',
  documents_checked: 'Documents were checked: it is somebody else',
};
export const reasons = Object.keys(reasonWords) as readonly Reason[];

export const entityTypes: readonly NonNullable<Request['entity_type']>[] = [
  ...(['person', 'organisation', 'vessel', 'aircraft'] as const),
];

/** Scores and similarities are told in thousandths. */
export const scoreMax = 1000;

/** Why a hit scored as it did, as the matcher has recorded it. */
export type Explanation = {
  readonly name?: string;
  readonly name_kind?: 'primary' | 'alias' | 'weak';
  readonly name_score?: number;
  readonly pairs?: readonly Pair[];
  readonly adjustments?: readonly Adjustment[];
};
/** What else was compared, and what it added to the score of the name or took from it. */
export type Adjustment = { readonly reason: string; readonly points: number };
/** Positions in the name that was asked for, from 0, and the listed word. */
export type Pair = {
  readonly tokens: readonly number[];
  readonly listed: string;
  readonly similarity: number;
};

export function explanationOf({ explanation }: Hit): Explanation {
  return typeof explanation === 'object' && explanation !== null ? explanation : {};
}

/** `1965~` is about 1965, and `1963/1967` one of the years from 1963 to 1967. */
export function birthText(date: string): string {
  const [from = '', to] = date.split('/');
  if (to !== undefined) return `${from} to ${to}`;
  return from.endsWith('~') ? `about ${from.slice(0, -1)}` : from;
}

export function keyOf({ list, entry_id }: Pick<Hit, 'list' | 'entry_id'>): string {
  return `${list}/${entry_id}`;
}

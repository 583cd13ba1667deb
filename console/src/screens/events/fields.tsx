// What an event holds, field by field: told by its schema, which knows what is an amount, an
// instant, an id, and what the field means.
import type { ReactNode } from 'react';
import { Folded } from '../../parts/explorer.tsx';
import { Id, placeOf, shortId } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { Time } from '../../parts/time.tsx';
import { nameOf } from '../../parts/who.tsx';
import { bare, type Schema } from './schema.ts';

type Values = Readonly<Record<string, unknown>>;

/** More of them are out of the way until they are looked for. */
const shownMax = 14;

export function Fields({
  values,
  schema,
  currency,
  leaveOut = [],
}: {
  readonly values: Values;
  readonly schema: Schema | undefined;
  /** Of amounts that have none beside them. */
  readonly currency?: string | undefined;
  readonly leaveOut?: readonly string[];
}) {
  const own = typeof values['currency'] === 'string' ? values['currency'] : currency;
  const known = bare(schema).properties ?? {};
  const entries = Object.entries(values).filter(([name]) => !leaveOut.includes(name));
  const given = entries.filter(([, value]) => !isNothing(value));
  const empty = entries.filter(([, value]) => isNothing(value));
  const rows = given.map(([name, value]) => ({
    name,
    meaning: meaningOf(known[name]),
    value: told(name, value, known[name], own),
  }));
  return (
    <div className="fields">
      <Rows rows={rows.slice(0, shownMax)} />
      {rows.length > shownMax && (
        <Folded title={`${rows.length - shownMax} more`}>
          <Rows rows={rows.slice(shownMax)} />
        </Folded>
      )}
      {empty.length > 0 && (
        <p className="fields-empty dimmed">
          Without a value: <span className="mono">{empty.map(([name]) => name).join(', ')}</span>
        </p>
      )}
    </div>
  );
}

type Row = { readonly name: string; readonly meaning: string | undefined; value: ReactNode };

function Rows({ rows }: { readonly rows: readonly Row[] }) {
  return (
    <Facts
      of={Object.fromEntries(
        rows.map(({ name, meaning, value }) => [
          name,
          <Explained key={name} meaning={meaning}>
            {value}
          </Explained>,
        ]),
      )}
    />
  );
}

function Explained({
  meaning,
  children,
}: {
  readonly meaning: string | undefined;
  readonly children: ReactNode;
}) {
  if (meaning === undefined) return <>{children}</>;
  return (
    <div className="fields-value">
      <div>{children}</div>
      <span className="fields-meaning">{meaning}</span>
    </div>
  );
}

/** What the schema says of it, where that is more than its unit. */
function meaningOf(schema: Schema | undefined): string | undefined {
  const said = schema?.description ?? bare(schema).description;
  const rest = said?.replace(/^(?:RFC 3339|Minor units|An ISO 4217 code)[^.:]*[.:]\s*/, '');
  return rest === undefined || rest === '' ? undefined : rest[0]?.toUpperCase() + rest.slice(1);
}

function isNothing(value: unknown): boolean {
  return (
    value === null ||
    (Array.isArray(value) && value.length === 0) ||
    (typeof value === 'object' && Object.keys(value).length === 0)
  );
}

function told(
  name: string,
  value: unknown,
  schema: Schema | undefined,
  currency: string | undefined,
): ReactNode {
  if (Array.isArray(value)) return <List name={name} {...{ values: value, schema, currency }} />;
  if (typeof value === 'object' && value !== null) {
    return <Fields values={value as Values} {...{ schema, currency }} />;
  }
  if (typeof value === 'number') return <Figure {...{ value, schema, currency }} />;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return <Words value={String(value)} />;
}

function List({
  name,
  values,
  schema,
  currency,
}: {
  readonly name: string;
  readonly values: readonly unknown[];
  readonly schema: Schema | undefined;
  readonly currency: string | undefined;
}) {
  const each = values.map((value, at) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: what was stored keeps its order
    <span key={at} className="fields-item">
      {told(name, value, bare(schema).items, currency)}
    </span>
  ));
  const isPlain = values.every((value) => typeof value !== 'object');
  return isPlain ? <span className="fields-plain">{each}</span> : <div>{each}</div>;
}

function Figure({
  value,
  schema,
  currency,
}: {
  readonly value: number;
  readonly schema: Schema | undefined;
  readonly currency: string | undefined;
}) {
  const said = schema?.description ?? bare(schema).description ?? '';
  if (said.startsWith('Minor units') && currency !== undefined) {
    return <Amount minor={value} currency={currency} />;
  }
  return <>{String(value)}</>;
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;
const digest = /^[0-9a-f]{64}$/;

/** Text as it is; only what is surely an id, an instant or a word of the API looks otherwise. */
function Words({ value }: { readonly value: string }) {
  if (placeOf(value) !== undefined) return <Id id={value} />;
  if (instant.test(value)) return <Time at={value} whole />;
  if (digest.test(value)) {
    return (
      <span className="mono" title={value}>
        {value.slice(0, 12)}…
      </span>
    );
  }
  if (/^[a-z]{3}_[0-9a-hjkmnp-tv-z]{26}$/.test(value)) {
    return (
      <span className="mono" title={value}>
        {shortId(value)}
      </span>
    );
  }
  if (/^user:[\w-]+$/.test(value)) return <>{nameOf(value)}</>;
  return <span className="text">{value}</span>;
}

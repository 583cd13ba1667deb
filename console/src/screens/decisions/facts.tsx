// What policy was told: first what the rules that decided have looked at, the rest folded.
import { Folded } from '../../parts/explorer.tsx';
import { Id, placeOf } from '../../parts/id.tsx';
import { Amount } from '../../parts/money.tsx';
import { Facts } from '../../parts/screen.tsx';
import { wordsOf } from '../../parts/state.tsx';
import { type Explanation, namesRead, valueText } from './rules.tsx';

type Told = Readonly<Record<string, unknown>>;

export function FactsTold({
  facts,
  explained,
}: {
  readonly facts: Told;
  readonly explained: Explanation | undefined;
}) {
  const read = namesRead(explained);
  const entries = Object.entries(facts);
  const first = entries.filter(([name]) => read.has(name));
  const rest = entries.filter(([name]) => !read.has(name));
  if (first.length === 0) return <FactTable of={entries} facts={facts} />;
  return (
    <>
      <FactTable of={first} facts={facts} />
      {rest.length > 0 && (
        <Folded title={`${rest.length} more facts, which the rules that decided did not read`}>
          <FactTable of={rest} facts={facts} />
        </Folded>
      )}
    </>
  );
}

export function FactTable({
  of,
  facts,
}: {
  readonly of: readonly (readonly [string, unknown])[];
  readonly facts: Told;
}) {
  return (
    <div className="known">
      <Facts
        of={Object.fromEntries(
          of.map(([name, value]) => [wordsOf(name), factOf(name, value, facts)]),
        )}
      />
    </div>
  );
}

function factOf(name: string, value: unknown, { currency }: Told) {
  if (typeof value === 'string' && placeOf(value) !== undefined) return <Id id={value} />;
  const isAmount = name === 'amount' && typeof value === 'number' && typeof currency === 'string';
  if (isAmount) return <Amount minor={value} currency={currency as string} />;
  return valueText(value);
}

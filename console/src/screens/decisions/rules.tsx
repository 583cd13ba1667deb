// The rules of a decision: those that held with what they read, those that could not be judged, and,
// folded, those that did not hold with the condition that kept them from it.
import { Link } from '@tanstack/react-router';
import type { Answer } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Folded } from '../../parts/explorer.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import './decisions.css';

export type Explanation = Answer<'GET /v1/decisions/{id}/explanation'>;
export type Rule = Explanation['rules'][number];
type Condition = Rule['conditions'][number];

/** Made again on the recorded facts whenever it is asked for. */
export function useExplanation(id: string | undefined) {
  const mayRead = useMay()('policy:read').allowed;
  return useApi(
    'GET /v1/decisions/{id}/explanation',
    { path: { id: id ?? '' } },
    { enabled: id !== undefined && mayRead, keep: false },
  );
}

export function Rules({
  of,
  problem,
}: {
  readonly of: Explanation | undefined;
  problem?: unknown;
}) {
  if (problem) return <ProblemNote error={problem} />;
  if (!of) return <div className="rules-awaited" />;
  const held = of.rules.filter((rule) => rule.held === 'yes');
  const doubtful = of.rules.filter((rule) => rule.held === 'unknown');
  const others = of.rules.filter((rule) => rule.held === 'no');
  return (
    <>
      {held.length === 0 && <p className="dimmed rules-none">No rule held.</p>}
      <ul className="rule-list">
        {held.map((rule) => (
          <Held key={rule.rule} rule={rule} />
        ))}
        {doubtful.map((rule) => (
          <Held key={rule.rule} rule={rule} />
        ))}
      </ul>
      {others.length > 0 && (
        <Folded title={`${others.length} rules did not hold`}>
          <ul className="rule-list">
            {others.map((rule) => (
              <NotHeld key={rule.rule} rule={rule} />
            ))}
          </ul>
        </Folded>
      )}
    </>
  );
}

function Held({ rule }: { readonly rule: Rule }) {
  const { held, decisive, outcome, rule: name, note, conditions } = rule;
  const isKnown = held === 'yes';
  const shown = isKnown ? conditions : conditions.filter(({ doubt }) => doubt !== null);
  return (
    <li>
      <div className="rule-head">
        {isKnown ? (
          <State word={outcome}>{`says ${outcome}`}</State>
        ) : (
          <State word="pending">not known</State>
        )}
        <span className="mono">{name}</span>
        {isKnown && decisive && <span className="rule-mark">decided</span>}
        {!isKnown && <span className="dimmed">would say {outcome}</span>}
      </div>
      {isKnown && note !== null && <p className="text rule-note">{note}</p>}
      <Conditions of={shown} />
    </li>
  );
}

function NotHeld({ rule: { rule, outcome, conditions } }: { readonly rule: Rule }) {
  return (
    <li>
      <div className="rule-head">
        <span className="mono">{rule}</span>
        <span className="dimmed">would say {outcome}</span>
      </div>
      <Conditions of={conditions.filter(({ held }) => held !== 'yes')} />
    </li>
  );
}

const marks: Readonly<Record<string, readonly [sign: string, words: string]>> = {
  yes: ['✓', 'holds'],
  no: ['✗', 'does not hold'],
};

/** What was asked of each value, and what the value was. */
function Conditions({ of }: { readonly of: readonly Condition[] }) {
  return (
    <dl className="conditions">
      {of.map((each) => {
        const [sign, words] = marks[each.held] ?? ['?', 'is not known'];
        return (
          <div key={`${each.key} ${each.cell}`} data-held={each.held}>
            <dt>
              <span role="img" aria-label={words}>
                {sign}
              </span>
              <span className="mono">
                {each.key} {each.cell}
              </span>
            </dt>
            <dd>{each.doubt === null ? readText(each) : doubtText(each.doubt)}</dd>
          </div>
        );
      })}
    </dl>
  );
}

/** The names stand on the left already, where there is but one. */
function readText({ key, read }: Condition): string {
  const values = Object.entries(read);
  return values
    .map(([name, value]) => (name === key ? valueText(value) : `${name} ${valueText(value)}`))
    .join(', ');
}

function doubtText(doubt: string): string {
  return doubt.replace(/^fact_missing: (.*)$/, 'nobody has told $1');
}

/** A fact as people read it. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'not known';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number' && !Number.isInteger(value))
    return String(Number(value.toFixed(4)));
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** The facts that the decisive rules looked at. */
export function namesRead(of: Explanation | undefined): ReadonlySet<string> {
  const decisive = of?.rules.filter((rule) => rule.decisive) ?? [];
  return new Set(
    decisive.flatMap(({ conditions }) => conditions.flatMap(({ read }) => Object.keys(read))),
  );
}

/** `payment-authorization@75030a0b8315` leads to the bundle. */
export function PolicyVersion({
  version,
  bundle,
}: {
  readonly version: string;
  readonly bundle?: string;
}) {
  const name = version.split('@')[0] ?? version;
  const to = bundle === undefined ? `/policies/${name}` : `/policies/bundles/${bundle}`;
  return (
    <Link to={to as never} className="mono">
      {version}
    </Link>
  );
}

// One question: may they do this, on that? With the rules that decide it, in their own words.
import { Button, NativeSelect, TextInput, Autocomplete } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useAct, useApi } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { Section } from '../../parts/section.tsx';
import { Folded } from '../../parts/explorer.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import type { Answer } from '../../api/client.ts';
import { type Person, type Question, scopes } from './words.ts';

type ResourceType = Question['resource']['type'];
type Purpose = NonNullable<Question['purpose']>;

const resources: Readonly<Record<ResourceType, string>> = {
  Tenant: 'the bank as a whole',
  Customer: 'a customer',
  Account: 'an account',
  Field: 'a field of personal data',
  Tool: 'a tool',
  PolicyBundle: 'a policy bundle',
};
const purposes: readonly Purpose[] = [
  ...(['servicing', 'fraud', 'compliance', 'audit', 'analytics', 'marketing', 'advice'] as const),
];
const first = {
  ...{ action: 'payments:write', type: 'Tenant' as ResourceType, id: '', customer: '' },
  ...{ purpose: '', onBehalfOf: '', consents: '', region: '' },
};

export function Ask({
  principal,
  person,
}: {
  readonly principal: string;
  readonly person: Person | undefined;
}) {
  const bank = useSession()?.tenant.id ?? '';
  const [asked, setAsked] = useState(first);
  const check = useAct('POST /v1/entitlements/check');
  const actions = useActions();
  const change = (part: Partial<typeof asked>) => {
    check.reset();
    setAsked({ ...asked, ...part });
  };
  const isBank = asked.type === 'Tenant';
  const submit = () => check.mutate({ body: questionOf(asked, { principal, person, bank }) });
  return (
    <Section title="May they …?" about="asks the rules, and changes nothing">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          submit();
        }}
      >
        <div className="ask-form">
          <Autocomplete
            size="xs"
            label="Do what"
            data={actions as string[]}
            value={asked.action}
            onChange={(action) => change({ action })}
            limit={60}
            required
          />
          <NativeSelect
            size="xs"
            label="On what"
            value={asked.type}
            data={Object.entries(resources).map(([value, label]) => ({ value, label }))}
            onChange={(event) => change({ type: event.currentTarget.value as ResourceType })}
          />
          <TextInput
            label={asked.type === 'Field' ? 'Which class' : 'Which one'}
            placeholder={asked.type === 'Field' ? 'email' : isBank ? '' : 'its id'}
            value={isBank ? bank : asked.id}
            disabled={isBank}
            onChange={(event) => change({ id: event.currentTarget.value })}
            required={!isBank}
          />
        </div>
        <Folded title="Circumstances">
          <Circumstances asked={asked} change={change} />
        </Folded>
        <Button type="submit" variant="default" mt={8} loading={check.isPending}>
          Ask
        </Button>
      </form>
      <div aria-live="polite" style={{ marginTop: 8 }}>
        {check.error && <ProblemNote error={check.error} />}
        {check.data && <Verdict of={check.data} />}
      </div>
    </Section>
  );
}

type Asked = typeof first;

function Circumstances({
  asked,
  change,
}: {
  readonly asked: Asked;
  readonly change: (part: Partial<Asked>) => void;
}) {
  const field = (name: 'customer' | 'onBehalfOf' | 'consents' | 'region', label: string) => (
    <TextInput
      label={label}
      value={asked[name]}
      onChange={(event) => change({ [name]: event.currentTarget.value })}
    />
  );
  return (
    <div className="ask-form">
      {field('customer', 'It belongs to the customer')}
      {field('region', 'It is in the region')}
      <NativeSelect
        size="xs"
        label="For the purpose"
        value={asked.purpose}
        data={[{ value: '', label: 'none' }, ...purposes]}
        onChange={(event) => change({ purpose: event.currentTarget.value })}
      />
      {field('onBehalfOf', 'On behalf of')}
      {field('consents', 'The customer consents to')}
    </div>
  );
}

function questionOf(
  asked: Asked,
  of: {
    readonly principal: string;
    readonly person: Person | undefined;
    readonly bank: string;
  },
): Question {
  const { action, type, id, customer, region, purpose, onBehalfOf, consents } = asked;
  const consented = consents.split(/[\s,]+/).filter(Boolean);
  return {
    ...{ principal: of.principal, action },
    resource: {
      ...{ type, id: type === 'Tenant' ? of.bank : id },
      ...(customer === '' ? {} : { customer }),
      ...(region === '' ? {} : { region }),
    },
    ...(purpose === '' ? {} : { purpose: purpose as Purpose }),
    ...(onBehalfOf === '' ? {} : { on_behalf_of: onBehalfOf }),
    ...(consented.length === 0 ? {} : { consents: consented }),
    ...scopesOf(of.person),
  };
}

/** Who comes in by keys alone is asked about as their keys would ask. */
export function scopesOf(person: Person | undefined): { readonly scopes?: readonly string[] } {
  const isByKey = person !== undefined && person.keys > 0 && person.last_seen_at === null;
  return isByKey ? { scopes: person.scopes } : {};
}

/** The actions that the shipped rules speak of: groups first, which are the scopes of keys. */
function useActions(): readonly string[] {
  const { data } = useApi('GET /v1/entitlements', {});
  return useMemo(() => {
    const named = [...(data?.shipped ?? '').matchAll(/Action::"([a-z_.:]+)"/g)];
    const single = new Set(named.map(([, name = '']) => name).filter((name) => name.includes('.')));
    return [...scopes, ...[...single].toSorted()];
  }, [data]);
}

export function Verdict({ of }: { readonly of: Answer<'POST /v1/entitlements/check'> }) {
  const { allowed, deciding, errors, roles } = of;
  return (
    <div className="answer" data-tone={allowed ? 'good' : 'bad'}>
      <State word={allowed ? 'allow' : 'deny'}>{allowed ? 'Yes' : 'No'}</State>{' '}
      <span className="dimmed">
        {roles.length === 0 ? 'without a role' : `as ${roles.join(', ')}`}
      </span>
      <ul>
        {deciding.map(({ id, effect, reason }) => (
          <li key={id}>
            {reason}{' '}
            <span className="dimmed">
              {effect === 'permit' ? 'allows it' : 'forbids it'}: <span className="mono">{id}</span>
            </span>
          </li>
        ))}
        {deciding.length === 0 && errors.length === 0 && <li>No rule permits it.</li>}
        {errors.map((error) => (
          <li key={error}>A rule could not be evaluated, so the answer is no: {error}</li>
        ))}
      </ul>
    </div>
  );
}

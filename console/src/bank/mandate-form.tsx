// The form by which a customer lets an agent pay small amounts without asking each time.
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { CircleAlert } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { ApiProblem } from '../api/client.ts';
import { useAct, useApi } from '../api/queries.ts';
import { amountText, minorUnitsOf, useExponents } from '../parts/money.tsx';
import { CodeInput, codeLength } from './code-input.tsx';
import { DemoCode } from './demo-code.tsx';
import { mandatesOf, useCustomer } from './reads.ts';
import { Note, Trouble } from './trouble.tsx';
import { anyPayee, tailOf } from './words.ts';

export type Agent = { readonly id: string; readonly name: string };

const dayMs = 86_400_000;
const lives = [
  { value: '7', label: 'For a week' },
  { value: '30', label: 'For 30 days' },
  { value: '90', label: 'For 90 days' },
] as const;
const noDraft = {
  ...{ agent: '', each: '', day: '', count: '3', days: '30' },
  payees: [] as readonly string[],
};
type Draft = typeof noDraft;

type FormProps = { readonly agents: readonly Agent[]; readonly close: () => void };

export function GiveMandate({ agents, close }: FormProps) {
  const form = useGiving(agents, close);
  const { draft, set, app, code, setCode, give, currency, flaws } = form;
  const sum = (label: string, name: 'each' | 'day') => (
    <TextInput
      label={label}
      {...{ inputMode: 'decimal', autoComplete: 'off', rightSection: currency }}
      rightSectionWidth={64}
      value={draft[name]}
      onChange={(event) => set({ [name]: event.currentTarget.value })}
      error={flaws[name]}
    />
  );
  return (
    <form onSubmit={form.submit} className="bank-form" noValidate>
      <p>It pays within these bounds at once. What goes beyond them it asks you for.</p>
      <NativeSelect
        label="Agent"
        value={form.agent ?? ''}
        onChange={(event) => set({ agent: event.currentTarget.value })}
        data={agents.map(({ id, name }) => ({ value: id, label: `${name} (${id})` }))}
      />
      {sum('One payment, at most', 'each')}
      {sum('In 24 hours, at most', 'day')}
      <NativeSelect
        label="Payments in 24 hours, at most"
        value={draft.count}
        onChange={(event) => set({ count: event.currentTarget.value })}
        data={['1', '3', '5', '10']}
      />
      <NativeSelect
        label="How long"
        value={draft.days}
        onChange={(event) => set({ days: event.currentTarget.value })}
        data={lives.map((life) => ({ ...life }))}
      />
      <Payees chosen={draft.payees} choose={(payees) => set({ payees })} />
      {app && (
        <>
          <CodeInput label="The code that your app shows now" {...{ code, setCode }} />
          <DemoCode authenticatorId={app.id} use={setCode} />
        </>
      )}
      {give.error && <NotGiven error={give.error} />}
      <Button type="submit" loading={give.isPending} disabled={!form.isReady}>
        Let it pay
      </Button>
      <Button variant="default" onClick={close}>
        Leave it as it is
      </Button>
    </form>
  );
}

/** What is typed, and how it is sent: with a code of the customer's app, where he has one. */
function useGiving(agents: readonly Agent[], close: () => void) {
  const [draft, setDraft] = useSessionStorage({ key: 'mandate', defaultValue: noDraft });
  const [isChecked, setChecked] = useState(false);
  const [code, setCode] = useState('');
  const own = useApi('GET /v1/customer/authenticators', {});
  const app = own.data?.items.find(({ kind }) => kind === 'totp');
  const give = useAct('POST /v1/customer/mandates', [mandatesOf]);
  const currency = useCustomer().data?.accounts.items[0]?.currency ?? '';
  const exponent = useExponents()?.get(currency) ?? 0;
  const each = minorUnitsOf(draft.each, exponent) ?? 0;
  const day = minorUnitsOf(draft.day, exponent) ?? 0;
  const agent = draft.agent || agents[0]?.id;
  const isReady = own.data !== undefined && (!app || code.length === codeLength);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setChecked(true);
    if (!isReady || each <= 0 || day <= 0 || agent === undefined || give.isPending) return;
    const body = {
      ...{ agent, payment_max: each, daily_max: day, currency },
      daily_count_max: Number(draft.count),
      ...(draft.payees.length === 0 ? {} : { payees: draft.payees }),
      valid_until: new Date(Date.now() + Number(draft.days) * dayMs).toISOString(),
      ...(app ? { proof: { authenticator_id: app.id, code } } : {}),
    };
    const onSuccess = () => {
      setDraft(noDraft);
      close();
    };
    give.mutate({ body }, { onSuccess, onError: () => setCode('') });
  };
  const flaw = (amount: number) =>
    isChecked && amount <= 0 && `Write it as ${amountText(5_000, exponent)}`;
  return {
    ...{ draft, agent, app, code, setCode, give, currency, isReady, submit },
    set: (change: Partial<Draft>) => setDraft({ ...draft, ...change }),
    flaws: { each: flaw(each), day: flaw(day) },
  };
}

/** Why not, where it is the proof. */
const proofWords: Readonly<Record<string, string>> = {
  proof_missing: 'Confirm it on the phone that you have registered with us: here it needs a code.',
  wrong_proof: 'This code is wrong. Write the one that your app shows now.',
  code_used: 'This code was used before. Wait for the next one of your app.',
  too_many_failures: 'Too many wrong codes: please try again tomorrow.',
};

function NotGiven({ error }: { readonly error: unknown }) {
  const problem = error instanceof ApiProblem ? error.problem : undefined;
  const { reason } = (problem ?? {}) as { readonly reason?: unknown };
  const words = typeof reason === 'string' ? proofWords[reason] : undefined;
  if (words === undefined) return <Trouble error={error} />;
  return (
    <Note tone="bad" icon={<CircleAlert size={20} aria-hidden />} role="alert">
      {words}
    </Note>
  );
}

type PayeesProps = {
  readonly chosen: readonly string[];
  readonly choose: (payees: readonly string[]) => void;
};

/** None chosen is no narrowing, not nobody. */
function Payees({ chosen, choose }: PayeesProps) {
  const { data } = useApi('GET /v1/customer/payees', {});
  const items = data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Checkbox.Group
      label="Only to"
      description={chosen.length === 0 ? `None chosen: ${anyPayee}` : undefined}
      value={[...chosen]}
      onChange={choose}
    >
      <div className="bank-choices">
        {items.map(({ account_id, name }) => (
          <Checkbox
            key={account_id}
            size="md"
            value={account_id}
            label={name ?? `Account ${tailOf(account_id)}`}
          />
        ))}
      </div>
    </Checkbox.Group>
  );
}

// What the features are of one account, customer, card, merchant or device, now or at an instant.
import { Button, NumberInput, Select, TextInput, Tooltip } from '@mantine/core';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import type { Entity } from './shapes.ts';

const entities: readonly Entity[] = ['account', 'customer', 'card', 'merchant', 'device'];

/** Whom the address asks for. */
export function useLookUp() {
  const [url] = useUrl();
  const { of, who = '', at, amount } = url;
  const entity = entities.find((each) => each === of);
  const isAsked = entity !== undefined && who !== '';
  const found = useApi(
    'GET /v1/features/{entity}/{id}',
    {
      path: { entity: entity ?? 'account', id: who },
      query: { at, amount: amount === undefined ? undefined : Number(amount) },
    },
    { enabled: isAsked },
  );
  return {
    data: isAsked ? found.data : undefined,
    error: isAsked ? found.error : null,
    isAsked,
    refetch: found.refetch,
  };
}

export function LookUpBar({ found }: { readonly found: ReturnType<typeof useLookUp> }) {
  const [url, setUrl] = useUrl();
  const [of, setOf] = useState<Entity>(entities.find((each) => each === url['of']) ?? 'account');
  const [who, setWho] = useState(url['who'] ?? '');
  const [at, setAt] = useState(localOf(url['at']));
  const [amount, setAmount] = useState<number | string>(url['amount'] ?? '');
  const isWrong = at !== '' && Number.isNaN(Date.parse(at));
  return (
    <div className="look-up">
      <form
        aria-label="Look up the values of one entity"
        onSubmit={(event) => {
          event.preventDefault();
          setUrl({
            ...{ of, who: who.trim(), amount: String(amount) },
            at: at === '' ? undefined : new Date(at).toISOString(),
          });
          if (found.isAsked) void found.refetch();
        }}
      >
        <Select
          label="Values of one"
          data={[...entities]}
          value={of}
          allowDeselect={false}
          onChange={(value) => setOf((value ?? 'account') as Entity)}
          w={112}
        />
        <TextInput
          label="Its id"
          placeholder={of === 'account' ? 'acc_…' : 'its id or token'}
          value={who}
          onChange={(event) => setWho(event.currentTarget.value)}
          style={{ flex: '1 1 200px', maxWidth: 330 }}
        />
        <TextInput
          label="As of"
          type="datetime-local"
          step={1}
          value={at}
          onChange={(event) => setAt(event.currentTarget.value)}
          error={isWrong}
          w={190}
        />
        <Tooltip label="Of a payment in question, in minor units: features that compare an amount need one">
          <NumberInput
            label="Amount"
            placeholder="minor units"
            {...{ value: amount, onChange: setAmount, min: 0, allowDecimal: false }}
            w={120}
          />
        </Tooltip>
        <Button type="submit" variant="default" disabled={who.trim() === '' || isWrong}>
          Look up
        </Button>
        {found.isAsked && (
          <Button
            variant="subtle"
            onClick={() => {
              setWho('');
              setUrl({ of: undefined, who: undefined, at: undefined, amount: undefined });
            }}
          >
            Clear
          </Button>
        )}
      </form>
      {found.error && <ProblemNote error={found.error} retry={found.refetch} />}
      {found.data && <Told found={found.data} />}
    </div>
  );
}

function Told({ found }: { readonly found: NonNullable<ReturnType<typeof useLookUp>['data']> }) {
  return (
    <p className="look-up-told" role="status">
      {found.seen ? (
        <State word="ok">{`this ${found.entity} is known`}</State>
      ) : (
        <State word="warn">{`no event has told of this ${found.entity}: all values are defaults`}</State>
      )}
      <span className="dimmed">
        as of <Time at={found.as_of} whole />. What a decision was made on stands with its score.
      </span>
    </p>
  );
}

/** As the field of the browser has it: local, without a zone. */
function localOf(instant: string | undefined): string {
  if (instant === undefined) return '';
  const date = new Date(instant);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 19);
}

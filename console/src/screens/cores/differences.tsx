// Where the book of the core and ours differ, the newest first, until both agree again.
import { Button, SegmentedControl, Table } from '@mantine/core';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { Amount, amountText } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { type Difference, kindWords } from './words.ts';

export const differencesOp = 'GET /v1/cores/differences';

/** Of the address: the open ones unless it says otherwise. */
export const shownStates = [
  [undefined, 'Open'],
  ['ended', 'Over'],
  ['all', 'All'],
] as const;

const nothing: Readonly<Record<string, string>> = {
  open: 'Both books agree.',
  ended: 'No difference has ended yet.',
  all: 'No difference was ever found.',
};

const pageLimit = 20;

export function Differences() {
  const [url, setUrl] = useUrl();
  const shown = shownStates.find(([state]) => state === url['differences'])?.[0] ?? 'open';
  const list = useList(shown);
  const isEmpty = !list.isPending && !list.error && list.items.length === 0;
  return (
    <Card
      title="Differences between the two books"
      flush
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which differences"
          value={shown}
          data={shownStates.map(([state = 'open', label]) => ({ value: state, label }))}
          onChange={(next) => setUrl({ differences: next === 'open' ? undefined : next })}
        />
      }
    >
      {list.error && <ProblemNote error={list.error} retry={list.refetch} />}
      {list.isPending && <Loading />}
      {isEmpty && (
        <div className="card-body">
          <State word={shown === 'open' ? 'ok' : 'none'}>{nothing[shown] ?? ''}</State>{' '}
          <span className="dimmed">
            For as long as another core is connected, its accounts are compared with ours one by
            one.
          </span>
        </div>
      )}
      {list.items.length > 0 && <Found items={list.items} />}
      {list.hasMore && (
        <Button m="sm" variant="default" loading={list.isFetchingMore} onClick={list.more}>
          Earlier differences
        </Button>
      )}
    </Card>
  );
}

const figures = ['Ours', "The core's", 'Ours less that'];

function Found({ items }: { readonly items: readonly Difference[] }) {
  return (
    <Table aria-label="Differences between the two books">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>State</Table.Th>
          <Table.Th>What differs</Table.Th>
          <Table.Th>Account</Table.Th>
          {figures.map((head) => (
            <Table.Th key={head} ta="end">
              {head}
            </Table.Th>
          ))}
          <Table.Th ta="end">Found</Table.Th>
          <Table.Th ta="end">Over</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {items.map((each) => (
          <Row key={each.difference_id} of={each} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function Row({ of }: { readonly of: Difference }) {
  const { ours, theirs, account_id, ended_at } = of;
  const apart = ours === null || theirs === null ? null : ours - theirs;
  return (
    <Table.Tr>
      <Table.Td>
        <State word={ended_at === null ? 'breached' : 'cleared'}>
          {ended_at === null ? 'open' : 'over'}
        </State>
      </Table.Td>
      <Table.Td>
        <div>{kindWords[of.kind]}</div>
        <div className="dimmed">
          in {of.core}: <span className="mono">{of.core_id}</span>
          {of.core_event !== null && (
            <>
              , told by <span className="mono">{of.core_event}</span>
            </>
          )}
          {of.reason !== null && <>, {of.reason}</>}
        </div>
      </Table.Td>
      <Table.Td>
        {account_id === null ? (
          <span className="dimmed">none of ours</span>
        ) : (
          <Id id={account_id} />
        )}
      </Table.Td>
      {[ours, theirs, apart].map((minor, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: three figures that keep their places
        <Table.Td key={at} ta="end">
          <Sum minor={minor} currency={of.currency} signed={at === 2} />
        </Table.Td>
      ))}
      <Table.Td ta="end">
        <Time at={of.found_at} />
      </Table.Td>
      <Table.Td ta="end">
        {ended_at === null ? <span className="dimmed">–</span> : <Time at={ended_at} />}
      </Table.Td>
    </Table.Tr>
  );
}

type SumProps = {
  readonly minor: number | null;
  readonly currency: string | null;
  readonly signed: boolean;
};

function Sum({ minor, currency, signed }: SumProps) {
  if (minor === null) return <span className="dimmed">–</span>;
  if (currency === null) return amountText(minor, undefined);
  return <Amount {...{ minor, currency, signed }} />;
}

/** How many are open, for a sentence; without words until that is known. */
export function useOpenDifferences(): { readonly look: string; readonly words?: string } {
  const { items, hasMore, isPending, error } = useList('open');
  if (isPending || error) return { look: 'none' };
  if (items.length === 0) return { look: 'ok', words: 'both books agree' };
  const count = `${hasMore ? 'more than ' : ''}${countText(items.length)}`;
  return {
    look: 'breached',
    words: `${count} ${items.length === 1 ? 'difference' : 'differences'} open`,
  };
}

function useList(shown: 'open' | 'ended' | 'all') {
  const query = shown === 'all' ? {} : { status: shown };
  return useApiPages(differencesOp, { query }, { limit: pageLimit });
}

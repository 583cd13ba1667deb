// Activity: the transactions of an account by day, and each of them in full.
import { Button, SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useEffect } from 'react';
import { useUrl } from '../app/url.ts';
import { Loading } from '../parts/states.tsx';
import { Detail } from './detail.tsx';
import { Page } from './frame.tsx';
import { Lines } from './lines.tsx';
import { type Account, useCustomer, useTransactions } from './reads.ts';
import { Sheet } from './sheet.tsx';
import { Trouble } from './trouble.tsx';
import { accountName, nameOf } from './words.ts';

export function Activity() {
  const { data, error, refetch } = useCustomer();
  const [url, setUrl] = useUrl();
  const accounts = data?.accounts.items ?? [];
  const account = accounts.find(({ account_id }) => account_id === url['account']) ?? accounts[0];
  return (
    <Page title="Activity">
      {error && !data && <Trouble error={error} retry={refetch} />}
      {accounts.length > 1 && account && (
        <SegmentedControl
          {...{ fullWidth: true, size: 'md', radius: 10, 'aria-label': 'Account' }}
          className="bank-choice"
          value={account.account_id}
          onChange={(id) => setUrl({ account: id, id: undefined })}
          data={accounts.map((each) => ({ value: each.account_id, label: accountName(each) }))}
        />
      )}
      {account ? (
        <AccountActivity key={account.account_id} account={account} />
      ) : (
        !error && <Loading />
      )}
    </Page>
  );
}

function AccountActivity({ account }: { readonly account: Account }) {
  const { account_id } = account;
  const list = useTransactions(account_id);
  const { items, hasMore, isFetchingMore, more } = list;
  const [url, setUrl] = useUrl();
  const navigate = useNavigate();
  const shown = items.find(({ id }) => id === url['id']);
  // A link to what is further back: read on until it is there.
  const isSought = url['id'] !== undefined && !shown && hasMore && !isFetchingMore;
  useEffect(() => {
    if (isSought) more();
  });
  const close = () => setUrl({ id: undefined });
  return (
    <>
      {list.isPending && <Loading />}
      {list.error && <Trouble error={list.error} retry={list.refetch} />}
      {!list.isPending && items.length === 0 && (
        <p className="dimmed">Nothing has moved on this account yet. Payments will stand here.</p>
      )}
      <Lines
        items={items}
        listKey={account_id}
        open={({ id }) => void navigate({ to: '.', search: { ...url, id } as never })}
      />
      {hasMore && (
        <Button variant="default" loading={isFetchingMore} onClick={more}>
          Show earlier
        </Button>
      )}
      <Sheet
        title={shown ? nameOf(shown.counterparty) : ''}
        isOpen={shown !== undefined}
        close={close}
      >
        {shown && <Detail line={shown} close={close} />}
      </Sheet>
    </>
  );
}

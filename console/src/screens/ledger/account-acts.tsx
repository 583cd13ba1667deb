// What people do to an account by hand: freeze it so that nothing more is promised, and take that
// back.
import { Text } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import type { Account } from './words.ts';

const changeOp = 'PATCH /v1/accounts/{id}';

export function AccountActs({ account }: { readonly account: Account }) {
  const [isAsked, setAsked] = useState(false);
  const { status } = account;
  const isFrozen = status === 'frozen';
  return (
    <>
      <ActButton
        right="ledger:write"
        unless={status === 'closed' ? 'It is closed for good.' : undefined}
        onClick={() => setAsked(true)}
      >
        {isFrozen ? 'Unfreeze…' : 'Freeze…'}
      </ActButton>
      {isAsked && <FreezeDialog account={account} close={() => setAsked(false)} />}
    </>
  );
}

function FreezeDialog({
  account: { id, status },
  close,
}: {
  readonly account: Account;
  readonly close: () => void;
}) {
  // What the question was stays, though the answer changes the account behind it.
  const [thaws] = useState(status === 'frozen');
  const act = useAct(changeOp, ['GET /v1/accounts', 'GET /v1/accounts/{id}']);
  const word = thaws ? 'Unfreeze' : 'Freeze';
  const change = async () => {
    const body = { status: thaws ? ('open' as const) : ('frozen' as const) };
    try {
      await withApproval<typeof changeOp>((approval) =>
        act.mutateAsync({ path: { id }, body, ...(approval ? { key: approval } : {}) }),
      );
      close();
    } catch {
      // It stands below, in `act.error`.
    }
  };
  return (
    <FormDialog
      title={`${word} this account`}
      does={word}
      danger={!thaws}
      isPending={act.isPending}
      error={act.error}
      about={`${word} the account ${id}`}
      submit={() => void change()}
      close={close}
    >
      <Text>
        <Id id={id} />{' '}
        {thaws
          ? 'can pay and be paid again.'
          : 'can neither pay nor be paid until it is unfrozen. What is held already may still be captured: that was promised before.'}
      </Text>
    </FormDialog>
  );
}

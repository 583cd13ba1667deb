// Accepting what a core warns of, by name, with the approval of another person for just that.
import { Text } from '@mantine/core';
import { useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { withApproval } from '../../parts/approved.ts';
import { FormDialog } from '../../parts/form-dialog.tsx';
import { tell } from '../../parts/tell.ts';
import { type Move, movesOp } from './words.ts';

const acceptOp = 'POST /v1/cores/moves/accept';

export function AcceptDialog({ move, close }: { readonly move: Move; readonly close: () => void }) {
  const act = useAct(acceptOp, [movesOp]);
  const [error, setError] = useState<unknown>();
  const submit = async () => {
    setError(undefined);
    const asked = {
      idempotency_key: move.idempotency_key,
      overrides: move.overrides.map(({ id }) => id),
    };
    try {
      await withApproval<typeof acceptOp>((approval_id) =>
        act.mutateAsync({ body: { ...asked, ...(approval_id ? { approval_id } : {}) } }),
      );
      tell('Accepted: the same command, sent again under its key, carries it to the core.');
      close();
    } catch (problem) {
      setError(problem);
    }
  };
  return (
    <FormDialog
      title={`Accept what ${move.core} warns of`}
      does="Accept all of it"
      about={`Accept what ${move.core} warns of: ${move.overrides.map(({ text }) => text).join('; ')}`}
      {...{ error, isPending: act.isPending, close, submit: () => void submit() }}
    >
      <Text>
        The core does nothing until each of these is accepted by name. Another person has to agree
        to just these; if the core shows others the next time, they are asked about anew.
      </Text>
      <dl className="facts">
        {move.overrides.flatMap(({ id, code, text }) => [
          <dt key={`${id} code`} className="mono">
            {code}
          </dt>,
          <dd key={`${id} text`} className="text">
            {text}
          </dd>,
        ])}
      </dl>
    </FormDialog>
  );
}

// Acts that need another person's approval: where one was given for exactly this, it is used.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type Answer, type ApiProblem, type Call, call } from '../../api/client.ts';
import { withApproval } from '../../parts/approved.ts';
import { modelReads } from './shapes.ts';

type ActOperation = 'POST /v1/models/{name}/deployments' | 'POST /v1/models/{name}/resume';
type Given<Op extends ActOperation> = Omit<Call<Op>, 'key' | 'signal'> & { key?: string };

/** One intention, which goes under one key without an approval, and under another with it. */
export function useApprovedAct<Op extends ActOperation>(operation: Op) {
  const queries = useQueryClient();
  return useMutation<Answer<Op>, ApiProblem, Given<Op>>({
    onMutate: (given) => {
      // Set once, before the first try.
      (given as { key?: string }).key ??= crypto.randomUUID();
    },
    mutationFn: (given) =>
      withApproval<Op>((approval) => {
        const { body, key } = given as { readonly body?: object; readonly key?: string };
        const approved = { body: { ...body, approval_id: approval }, key: `${key}-approved` };
        const whole = approval === undefined ? given : { ...given, ...approved };
        return call(operation, whole as unknown as Call<Op>);
      }),
    onSettled: () =>
      Promise.all(
        [...modelReads, 'GET /v1/approvals'].map((each) =>
          queries.invalidateQueries({ queryKey: [each] }),
        ),
      ),
  });
}

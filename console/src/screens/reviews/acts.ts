// What is done with cases: with one by its own address, with several in one call.
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { type ApiProblem, type Call, call, type Operation } from '../../api/client.ts';
import { rereadBehind, useWriteKeys } from '../../api/queries.ts';

type BatchBody = Call<'POST /v1/cases/batch'>['body'];
type WithoutCases<Body> = Body extends unknown ? Omit<Body, 'case_ids'> : never;
/** What to do, whichever the cases. */
export type Act = WithoutCases<BatchBody>;

/** Of a batch: what was not done, and why. */
export type Refused = { readonly case_id: string; readonly why: string };

const stale: readonly Operation[] = [
  'GET /v1/cases',
  'GET /v1/cases/{id}',
  'GET /v1/cases/{id}/history',
  'GET /v1/case-queues',
];

type Doing = { readonly ids: readonly string[]; readonly act: Act; key?: string };

/** Each time it is called is an intention of its own, unless nobody knows what became of the same. */
export function useCaseAct() {
  const queries = useQueryClient();
  const keys = useWriteKeys();
  return useMutation<readonly Refused[], ApiProblem, Doing>({
    mutationFn: ({ ids, act, key }) => carryOut(ids, act, key ?? ''),
    onMutate: (doing) => {
      const { ids, act } = doing;
      doing.key ??= keys.keyOf({ ids, act });
    },
    onSettled: (_refused, error, { ids, act, key = '' }) => {
      keys.settle({ ids, act }, key, error);
      return rereadBehind(queries, stale, error);
    },
  });
}

async function carryOut(ids: readonly string[], act: Act, key: string) {
  const [id = ''] = ids;
  if (ids.length === 1) {
    const { act: name, ...body } = act;
    // Each of the seven has such an address, and the body that the batch has for it.
    const operation = `POST /v1/cases/{id}/${name}` as 'POST /v1/cases/{id}/claim';
    await call(operation, { path: { id }, body, key });
    return [];
  }
  const body = { ...act, case_ids: ids } as BatchBody;
  const { items } = await call('POST /v1/cases/batch', { body, key });
  return items.flatMap(({ case_id, status, code, detail }): Refused[] =>
    status === 'rejected' ? [{ case_id, why: detail ?? code ?? 'it was refused' }] : [],
  );
}

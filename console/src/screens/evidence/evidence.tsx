// Proof that nothing was rewritten: the signed tree of all events on the left; on the right what can
// be verified now, checked for others, and taken away.
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { countText } from '../../parts/figures.ts';
import { type Key, KeysButton } from '../../parts/keys.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { TheLog } from './head.tsx';
import { Consistency } from './kept-head.tsx';
import { ReceiptCheck } from './receipt-check.tsx';
import { DecisionExport, VerifierKeys } from './take-away.tsx';
import { Verification } from './verification.tsx';
import './evidence.css';
import '../../parts/split.css';
import '../../parts/explorer.css';

const keys: readonly Key[] = [{ key: 'v', words: 'Verify the whole log now' }];
/** A head is signed about once a second: its figures are read this often. */
const lookMs = 3_000;

export function Evidence() {
  const may = useMay()('events:read');
  const { data, error, refetch, isPending } = useApi(
    'GET /v1/evidence/tree',
    {},
    { keep: true, enabled: may.allowed, refetchMs: lookMs },
  );
  const head = data?.checkpoint ?? undefined;
  return (
    <Screen
      title="Evidence"
      about={head && `${countText(head.size)} events under a signed head`}
      actions={<KeysButton keys={keys} />}
    >
      {!may.allowed && <Empty title="Evidence is not for your roles">{may.why}</Empty>}
      {may.allowed && error && !data && (
        <Scroll>
          <ProblemNote error={error} retry={refetch} />
        </Scroll>
      )}
      {may.allowed && isPending && <Loading />}
      {data && !head && (
        <Empty title="Nothing is signed yet">
          With the first event of the bank the log begins; a second later its first head is signed.
        </Empty>
      )}
      {data && head && (
        <div className="evidence">
          <div className="evidence-log">
            <TheLog latest={head} size={data.size} />
          </div>
          <div className="evidence-acts">
            <Verification />
            <ReceiptCheck />
            <Consistency />
            <DecisionExport />
            <VerifierKeys />
          </div>
        </div>
      )}
    </Screen>
  );
}

// Whether the log of then is the beginning of the log of now: by a head that somebody kept, or
// between any two sizes. The proof comes from the server; whether it holds, this browser works out.
import { NumberInput, Textarea } from '@mantine/core';
import { useSessionStorage } from '@mantine/hooks';
import { useMutation } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { countText } from '../../parts/figures.ts';
import { ActButton } from '../../parts/may.tsx';
import { Section } from '../../parts/section.tsx';
import { State } from '../../parts/state.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { base64Of, canHash, headIn, isBeginning, type TreeHead } from './consistency.ts';

type Verdict = {
  readonly holds: boolean;
  readonly first: TreeHead;
  readonly second: TreeHead;
  readonly hashes: number;
};

const ways = [
  ['kept', 'A head you kept'],
  ['sizes', 'Two sizes'],
] as const;

export function Consistency() {
  const [{ compare = 'kept' }, setUrl] = useUrl();
  return (
    <Section title="Was history rewritten?">
      <div className="segments" role="group" aria-label="What is compared">
        {ways.map(([way, words]) => (
          <button
            key={way}
            type="button"
            className="segment"
            aria-pressed={compare === way}
            onClick={() => setUrl({ compare: way === 'kept' ? undefined : way })}
          >
            {words}
          </button>
        ))}
      </div>
      {!canHash && (
        <p className="dimmed">
          This browser hashes over a secure connection only: open the console by https.
        </p>
      )}
      {compare === 'sizes' ? <BySizes /> : <ByKept />}
    </Section>
  );
}

function ByKept() {
  const [note, setNote] = useSessionStorage({ key: 'head to compare', defaultValue: '' });
  const { data: keys } = useApi('GET /v1/checkpoint/keys', {});
  const head = headIn(note);
  const isOther = head !== undefined && keys !== undefined && head.origin !== keys.origin;
  const compare = useMutation<Verdict, Error, TreeHead>({
    mutationFn: async (first) => {
      const { items } = await call('GET /v1/evidence/checkpoints', { query: { limit: 1 } });
      const latest = headIn(items[0]?.note ?? '');
      if (!latest) throw new Error('No head is signed yet: nothing can be compared.');
      return judged(first, latest);
    },
  });
  const unless =
    head === undefined
      ? 'Paste a signed note first'
      : isOther
        ? `It is of another log: ${head.origin}`
        : undefined;
  return (
    <>
      <Textarea
        aria-label="The head that you kept"
        placeholder={'countersign/…\n39954\nYBdaVJ…='}
        className="mono-input"
        value={note}
        onChange={({ currentTarget }) => {
          setNote(currentTarget.value);
          compare.reset();
        }}
        error={note.trim() !== '' && (head === undefined || isOther) ? unless : undefined}
        rows={3}
      />
      <div className="act-line">
        <ActButton
          right="events:read"
          loading={compare.isPending}
          unless={unless}
          onClick={() => head && compare.mutate(head)}
        >
          Compare with the latest
        </ActButton>
      </div>
      {compare.error && <ProblemNote error={compare.error} />}
      {compare.data && <Told verdict={compare.data} isKept />}
    </>
  );
}

function BySizes() {
  const [url, setUrl] = useUrl();
  const [from, to] = [sizeOf(url['from']), sizeOf(url['to'])];
  const compare = useMutation<Verdict, Error, { readonly from: number; readonly to: number }>({
    mutationFn: async (sizes) => {
      const [first, second] = await Promise.all([headOf(sizes.from), headOf(sizes.to)]);
      return judged(first, second);
    },
  });
  const set = (name: 'from' | 'to') => (value: number | string) => {
    compare.reset();
    setUrl({ [name]: value === '' ? undefined : String(value) });
  };
  const number = { min: 1, allowDecimal: false, hideControls: true, thousandSeparator: ',' };
  return (
    <>
      <div className="range">
        <NumberInput label="The log of" value={from ?? ''} onChange={set('from')} {...number} />
        <NumberInput label="begins that of" value={to ?? ''} onChange={set('to')} {...number} />
      </div>
      <div className="act-line">
        <ActButton
          right="events:read"
          loading={compare.isPending}
          unless={from && to && from <= to ? undefined : 'Type two sizes, the smaller one first'}
          onClick={() => from && to && compare.mutate({ from, to })}
        >
          Compare
        </ActButton>
      </div>
      {compare.error && <ProblemNote error={compare.error} />}
      {compare.data && <Told verdict={compare.data} isKept={false} />}
    </>
  );
}

function sizeOf(text: string | undefined): number | undefined {
  const size = Number(text);
  return Number.isSafeInteger(size) && size > 0 ? size : undefined;
}

async function headOf(size: number): Promise<TreeHead> {
  const tree = await call('GET /v1/evidence/tree', { query: { size } });
  return { size, root: base64Of(tree.root) };
}

async function judged(first: TreeHead, second: TreeHead): Promise<Verdict> {
  // A log that is shorter than what somebody holds of it has lost its end: there is no proof.
  if (first.size > second.size) return { holds: false, first, second, hashes: 0 };
  const query = { from: first.size, to: second.size };
  const answer = await call('GET /v1/checkpoint/consistency', { query });
  const { proof } = answer as { readonly proof: readonly string[] };
  const holds = await isBeginning(first, second, proof);
  return { holds, first, second, hashes: proof.length };
}

function Told({ verdict, isKept }: { readonly verdict: Verdict; readonly isKept: boolean }) {
  const { holds, first, second, hashes } = verdict;
  const [before, after] = [countText(first.size), countText(second.size)];
  return (
    <div className="act-result" role="status">
      {holds ? (
        <State word="passed">Nothing of it was rewritten</State>
      ) : (
        <State word="failed">The log was rewritten or cut</State>
      )}
      <p className="verify-words">
        {holds
          ? `The ${before} events of then are the first ${before} of the ${after} of now: ${hashes} hashes, worked out by this browser, lead to both roots.`
          : first.size > second.size
            ? `The head is of ${before} events, the log has ${after} under a signed head: its end is gone.`
            : `The proof does not lead from the root of ${before} events to that of ${after}.`}
        {!isKept && ' Both roots come from this server: a head that you kept yourself proves more.'}
      </p>
    </div>
  );
}

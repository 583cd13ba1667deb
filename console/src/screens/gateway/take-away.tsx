// The calls of a list as a file: one in each line, as the API tells it, the newest first.
import { Button, Tooltip } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { type Answer, call, type Call } from '../../api/client.ts';
import { countText } from '../../parts/figures.ts';
import { tell } from '../../parts/tell.ts';

type Query = Omit<NonNullable<Call<'GET /v1/tool-calls'>['query']>, 'limit' | 'after'>;
type Item = Answer<'GET /v1/tool-calls'>['items'][number];

const pageSize = 500;
/** More are the matter of the event log, which has no end. */
const linesMax = 10_000;

export function TakeAway({ query }: { readonly query: Query }) {
  const read = useMutation({
    mutationFn: () => allOf(query),
    onSuccess: (items) => {
      save(items);
      const isCut = items.length >= linesMax;
      tell(`${isCut ? 'The newest ' : ''}${countText(items.length)} calls are in the file.`);
    },
    onError: (error) => tell(`There is no file: ${error.message}`),
  });
  return (
    <Tooltip label={`As JSON lines, the newest ${countText(linesMax)} at most`}>
      <Button
        variant="default"
        size="compact-sm"
        leftSection={<Download size={13} />}
        loading={read.isPending}
        onClick={() => read.mutate()}
      >
        Download
      </Button>
    </Tooltip>
  );
}

async function allOf(query: Query): Promise<readonly Item[]> {
  const items: Item[] = [];
  let after: string | undefined;
  do {
    const given = { ...query, limit: pageSize, ...(after === undefined ? {} : { after }) };
    const page = await call('GET /v1/tool-calls', { query: given });
    items.push(...page.items);
    after = page.next ?? undefined;
  } while (after !== undefined && items.length < linesMax);
  return items.slice(0, linesMax);
}

function save(items: readonly Item[]): void {
  const lines = items.map((item) => `${JSON.stringify(item)}\n`);
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob(lines, { type: 'application/jsonl' }));
  link.download = 'tool-calls.jsonl';
  link.click();
  URL.revokeObjectURL(link.href);
}

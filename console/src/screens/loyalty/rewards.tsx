// The rewards of a programme, with what each costs today and why; and the desk where one is written.
import { Button, Table } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import type { Api } from '../../api/openapi.ts';
import { useApiPages } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { checkedOf } from '../../parts/check-notes.tsx';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { countText } from '../../parts/figures.ts';
import { Id } from '../../parts/id.tsx';
import { ActButton } from '../../parts/may.tsx';
import { Amount } from '../../parts/money.tsx';
import { Card } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import { Time } from '../../parts/time.tsx';
import type { Program, Reward } from './shapes.ts';

const catalogueOp = 'GET /v1/loyalty/catalogue';
const publishOp = 'POST /v1/loyalty/catalogue';
const checkOp = 'POST /v1/loyalty/catalogue/check';
type Body = Api[typeof publishOp]['body'];

export function Rewards({ program }: { readonly program: Program }) {
  const rewards = useApiPages(catalogueOp, { query: { program: program.name } });
  const [url, setUrl] = useUrl();
  const written = url['reward'];
  if (written !== undefined) {
    return (
      <RewardDesk
        key={written}
        program={program}
        reward={rewards.items.find(({ reward }) => reward === written)}
        done={() => setUrl({ reward: undefined })}
      />
    );
  }
  return (
    <Card
      title="Rewards"
      flush
      actions={
        <ActButton
          right="loyalty:write"
          size="compact-xs"
          onClick={() => setUrl({ reward: 'new' })}
        >
          New reward
        </ActButton>
      }
    >
      {rewards.error && <ProblemNote error={rewards.error} retry={rewards.refetch} />}
      {rewards.isPending && <Loading />}
      {!rewards.isPending && !rewards.error && rewards.items.length === 0 && (
        <Empty title="There is nothing to redeem points for">
          A reward says what it gives and what it costs; its price moves within what the programme
          allows.
        </Empty>
      )}
      {rewards.items.length > 0 && (
        <Rows rewards={rewards.items} program={program} edit={(reward) => setUrl({ reward })} />
      )}
      {rewards.hasMore && (
        <Button m="sm" variant="default" loading={rewards.isFetchingMore} onClick={rewards.more}>
          More rewards
        </Button>
      )}
    </Card>
  );
}

function Rows({
  rewards,
  program,
  edit,
}: {
  readonly rewards: readonly Reward[];
  readonly program: Program;
  readonly edit: (reward: string) => void;
}) {
  return (
    <Table aria-label="Rewards" className="reading">
      <Table.Thead>
        <Table.Tr>
          <Table.Th w="26%">Reward</Table.Th>
          <Table.Th>State</Table.Th>
          <Table.Th ta="end">Gives</Table.Th>
          <Table.Th ta="end">Base price</Table.Th>
          <Table.Th ta="end">Price today</Table.Th>
          <Table.Th>Why</Table.Th>
          <Table.Th ta="end">Left</Table.Th>
          <Table.Th>Version</Table.Th>
          <Table.Th w={70} />
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {rewards.map((each) => (
          <Table.Tr key={each.reward}>
            <Table.Th scope="row" fw={400}>
              <div>{each.title}</div>
              <div className="dimmed">{wordsOf(each.kind)}</div>
            </Table.Th>
            <Table.Td>
              <State word={each.status === 'offered' ? 'active' : 'withdrawn'}>{each.status}</State>
            </Table.Td>
            <Table.Td ta="end">
              <Amount minor={each.worth} currency={program.currency} />
            </Table.Td>
            <Table.Td ta="end">{countText(each.points)}</Table.Td>
            <Table.Td ta="end" fw={600}>
              {each.price === null ? <span className="dimmed">–</span> : countText(each.price)}
            </Table.Td>
            <Table.Td>
              {each.reasons.map(({ reason, points }) => (
                <div key={reason} className="dimmed">
                  {priceWords[reason] ?? wordsOf(reason)}: {countText(points)}
                </div>
              ))}
            </Table.Td>
            <Table.Td ta="end">
              {each.stock_left === null ? (
                'any number'
              ) : each.stock_left === 0 ? (
                <State word="warn">none</State>
              ) : (
                countText(each.stock_left)
              )}
            </Table.Td>
            <Table.Td>
              {each.version}, <Time at={each.published_at} /> <Id id={each.approval_id} />
            </Table.Td>
            <Table.Td>
              <ActButton right="loyalty:write" size="compact-xs" onClick={() => edit(each.reward)}>
                Edit
              </ActButton>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

/** What moves a price, step by step. */
const priceWords: Readonly<Record<string, string>> = {
  demand: 'by demand',
  stock: 'little is left',
  day_limit: 'at most so much in a day',
  value_ceiling: 'a point is worth no more',
  value_floor: 'a point is worth no less',
  tier: 'by the tier',
  step: 'in whole steps',
};

function RewardDesk({
  program,
  reward,
  done,
}: {
  readonly program: Program;
  readonly reward: Reward | undefined;
  readonly done: () => void;
}) {
  const queries = useQueryClient();
  const check = async (document: object): Promise<Checked> =>
    checkedOf(await call(checkOp, { body: document as Body }));
  const publish = async (document: object) => {
    const body = document as Body;
    await withApproval<typeof publishOp>((approval_id) =>
      call(publishOp, {
        body: approval_id === undefined ? body : { ...body, approval_id },
        key: `reward-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await queries.invalidateQueries({ queryKey: [catalogueOp] });
    tell('It is in the catalogue.');
  };
  return (
    <div className="stacked">
      <div>
        <Button variant="default" onClick={done}>
          Back to the rewards
        </Button>
      </div>
      <DocumentDesk
        id={`reward ${program.name} ${reward?.reward ?? 'new'}`}
        title={reward === undefined ? 'A new reward' : reward.title}
        inForce={reward && documentOf(reward)}
        blank={{ ...blank, program: program.name }}
        right="loyalty:write"
        {...{ check, publish }}
        about={(document) => `Publish the reward ${(document as Partial<Body>).reward ?? ''}`}
        done={done}
      />
    </div>
  );
}

/** What the catalogue adds to a reward as it was written. */
const added = new Set([
  ...['version', 'stock_left', 'price', 'reasons'],
  ...['published_at', 'published_by', 'approval_id'],
]);

function documentOf(reward: Reward): object {
  return Object.fromEntries(Object.entries(reward).filter(([name]) => !added.has(name)));
}

const blank = {
  ...{ program: '', reward: 'cashback-10', title: '10.00 back' },
  description: '10.00 to an account of your own.',
  ...{ kind: 'cashback', points: 2_000, worth: 1_000, stock: null, status: 'offered' },
};

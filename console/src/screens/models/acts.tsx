// What was done with a model, newest first: each act signed, and telling of the one before.
import { Button, Collapse, Timeline } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useApiPages } from '../../api/queries.ts';
import { Id } from '../../parts/id.tsx';
import { Json } from '../../parts/json.tsx';
import { Scroll } from '../../parts/screen.tsx';
import { State, wordsOf } from '../../parts/state.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { bpsText } from './figures.ts';
import type { Model, ModelAct } from './shapes.ts';

export function Acts({ model: { name } }: { readonly model: Model }) {
  const list = useApiPages('GET /v1/models/{name}/acts', { path: { name } }, { limit: 50 });
  if (list.error) return <ProblemNote error={list.error} retry={list.refetch} />;
  if (list.isPending) return <Loading />;
  if (list.items.length === 0) {
    return (
      <Empty title="Nothing was done with it yet">
        A registered version serves nobody until it is deployed: press d.
      </Empty>
    );
  }
  return (
    <Scroll>
      <Timeline bulletSize={9} lineWidth={1} className="acts">
        {list.items.map((act) => (
          <Timeline.Item key={act.ordinal}>
            <Act act={act} />
          </Timeline.Item>
        ))}
      </Timeline>
      {list.hasMore && (
        <Button variant="default" onClick={list.more} loading={list.isFetchingMore}>
          Earlier acts
        </Button>
      )}
    </Scroll>
  );
}

/** As a word of state looks: what was done, in the stage in which it was. */
export function actWord({ stage, act }: Pick<ModelAct, 'stage' | 'act'>): string {
  if (act === 'suspended') return 'suspended';
  if (act === 'stopped') return 'closed';
  return act === 'resumed' ? 'active' : stage;
}

export function actText(act: ModelAct): string {
  const version = act.version === null ? '' : `v${act.version} `;
  switch (act.act) {
    case 'deployed':
      return `${version}deployed to production`;
    case 'rolled_back':
      return `gone back to ${version}`.trim();
    case 'started':
      return act.stage === 'canary'
        ? `${version}tried on ${bpsText(act.share_bps ?? 0)} of the keys`
        : `${version}watched`;
    case 'stopped':
      return `${act.stage} ended`;
    default:
      return `${version}${wordsOf(act.act)}`;
  }
}

function Act({ act }: { readonly act: ModelAct }) {
  const [isOpen, open] = useDisclosure();
  return (
    <div className="act">
      <div className="act-head">
        <State word={actWord(act)}>{actText(act)}</State>
        <span className="dimmed">
          by {act.acted_by}, <Time at={act.recorded_at} /> (<Time at={act.recorded_at} whole />)
        </span>
        {act.approval_id && (
          <span>
            by approval <Id id={act.approval_id} />
          </span>
        )}
        <Button
          variant="subtle"
          size="compact-xs"
          ml="auto"
          aria-expanded={isOpen}
          onClick={open.toggle}
        >
          No. {act.ordinal}, attestation
        </Button>
      </div>
      {act.reason !== null && <div className="text">{act.reason}</div>}
      <Collapse expanded={isOpen}>
        <Json value={act.attestation} />
      </Collapse>
    </div>
  );
}

// Where a version comes from and what became of it: each step bound to the one before by a digest.
import { Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { useApi } from '../../api/queries.ts';
import { ActButton } from '../../parts/may.tsx';
import { Id } from '../../parts/id.tsx';
import { Facts, Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import { actText, actWord } from './acts.tsx';
import { countText } from './figures.ts';
import {
  cardOf,
  type Model,
  type ModelAct,
  type Role,
  rolesOf,
  validationOf,
  type Version,
} from './shapes.ts';
import { ResumeDialog } from './stop-dialogs.tsx';
import './lineage.css';
import { useVersion, VersionPicker } from './version-picker.tsx';

export function Lineage({ model }: { readonly model: Model }) {
  const { data, error, refetch } = useVersion(model);
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <Scroll>
      <Group gap="sm">
        <VersionPicker model={model} value={data.version} />
        {data.suspension && <Resume version={data} suspension={data.suspension} />}
      </Group>
      <ol className="lineage" aria-label={`Where version ${data.version} comes from`}>
        <Origin version={data} />
        {data.acts.map((act) => (
          <ActNode key={act.ordinal} act={act} />
        ))}
        <Now {...{ model, version: data }} />
      </ol>
    </Scroll>
  );
}

/** Of any version: one that is no more in production may be stopped, too. */
function Resume({
  version: { name, version },
  suspension,
}: {
  readonly version: Version;
  readonly suspension: NonNullable<Version['suspension']>;
}) {
  const [opened, resuming] = useDisclosure();
  return (
    <>
      <ActButton right="model:write" onClick={resuming.open}>
        Resume v{version}
      </ActButton>
      <ResumeDialog {...{ name, version, suspension, opened, close: resuming.close }} />
    </>
  );
}

type NodeProps = {
  readonly kind: string;
  readonly title: ReactNode;
  /** How the next step is bound to this one. */
  readonly bound?: string;
  readonly tone?: 'good' | 'bad' | 'wait' | 'look' | undefined;
  readonly children?: ReactNode;
};

function Node({ kind, title, bound, tone, children }: NodeProps) {
  return (
    <li data-tone={tone}>
      <span className="lineage-kind">{kind}</span>
      <div className="lineage-node">
        <b>{title}</b>
        {children}
      </div>
      {bound !== undefined && <div className="lineage-bound">{bound}</div>}
    </li>
  );
}

function Origin({ version }: { readonly version: Version }) {
  const { training } = cardOf(version);
  const { checks, samples } = validationOf(version);
  const failed = checks.filter(({ passed }) => !passed).length;
  return (
    <>
      <Node kind="Training data" title={training.data.source} bound="the card names its SHA-256">
        <Facts
          of={{
            Rows: `${countText(training.data.rows)}, ${training.data.licence}`,
            Split: training.data.split,
            Digest: <Id id={training.data.digest} whole />,
          }}
        />
      </Node>
      <Node
        kind="Training run"
        title={<span className="mono">{training.command}</span>}
        bound="with the same seed and code it makes the same file"
      >
        <Facts
          of={{
            'Code digest': <Id id={training.code} whole />,
            Seed: String(training.seed),
            Libraries: Object.entries(training.libraries)
              .map(([name, release]) => `${name} ${release}`)
              .join(', '),
          }}
        />
      </Node>
      <Node kind="Artefact" title="The ONNX file" bound="the card names its SHA-256">
        <Facts of={{ Digest: <Id id={version.artefact} whole /> }} />
      </Node>
      <Node
        kind="Card and report"
        title={`Version ${version.version} of ${version.name}`}
        tone={failed === 0 ? 'good' : 'wait'}
        bound="every act names both digests, and is signed by the installation"
      >
        <Facts
          of={{
            Registered: (
              <>
                <Time at={version.registered_at} whole /> by {version.registered_by}
              </>
            ),
            'Card digest': <Id id={version.card_digest} whole />,
            Validation: (
              <State word={failed === 0 ? 'passed' : 'warn'}>
                {failed === 0
                  ? `${checks.length} checks passed, ${countText(samples)} cases`
                  : `${failed} of ${checks.length} checks not passed`}
              </State>
            ),
          }}
        />
      </Node>
    </>
  );
}

const actTones: Readonly<Record<string, NodeProps['tone']>> = {
  ...{ suspended: 'bad', production: 'good', active: 'good', canary: 'wait', shadow: 'look' },
};

function ActNode({ act }: { readonly act: ModelAct }) {
  const word = actWord(act);
  return (
    <>
      {act.approval_id && <ApprovalNode id={act.approval_id} />}
      <Node
        kind={`Act ${act.ordinal}`}
        title={<State word={word}>{actText(act)}</State>}
        tone={actTones[word]}
      >
        <div>
          <Time at={act.recorded_at} whole /> by {act.acted_by}
        </div>
        {act.reason !== null && <div className="text">{act.reason}</div>}
      </Node>
    </>
  );
}

function ApprovalNode({ id }: { readonly id: string }) {
  const { data } = useApi('GET /v1/approvals/{id}', { path: { id } });
  return (
    <Node
      kind="Approval"
      title={<Id id={id} />}
      tone="good"
      bound="bound to the digests of card and artefact, and used up by the act"
    >
      {data && (
        <>
          <div className="text">{data.summary}</div>
          <div className="dimmed">
            Asked for by {data.maker}, <Time at={data.requested_at} whole />
          </div>
          {data.verdicts.map(({ checker, verdict, reason, decided_at }) => (
            <div key={checker}>
              {checker} {verdict === 'approve' ? 'approved' : 'rejected'} it,{' '}
              <Time at={decided_at} whole />: <span className="text">{reason}</span>
            </div>
          ))}
        </>
      )}
    </Node>
  );
}

function nowText(roles: readonly Role[]): string {
  if (roles.includes('canary')) return 'Tried on a share of the keys';
  if (roles.includes('shadow')) return 'Watched: it scores every case, and is heard by nobody';
  return roles.includes('previous') ? 'Stands in, and is what going back brings' : 'Serves nobody';
}

function Now({ model, version }: { readonly model: Model; readonly version: Version }) {
  const isLive = model.production?.version === version.version;
  const where = `/decisions?point=${model.point}`;
  if (version.acts.length === 0) {
    return <Node kind="Now" title="Serves nobody: it was never deployed" />;
  }
  return (
    <Node
      kind="Now"
      title={
        version.suspension
          ? 'Stopped'
          : isLive
            ? `Heard for every decision at ${model.point}`
            : nowText(rolesOf(model, version.version))
      }
      tone={version.suspension ? 'bad' : isLive ? 'good' : undefined}
    >
      {isLive && (
        <Link to={where as never}>
          The decisions of this point, each with its score and reasons
        </Link>
      )}
    </Node>
  );
}

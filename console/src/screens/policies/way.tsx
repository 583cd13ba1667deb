// The way of a bundle into force, step by step: back-test, approval by another person, publication;
// and the ways to try it before.
import { Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { CircleCheck, CircleDashed } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { useAct } from '../../api/queries.ts';
import { useSession } from '../../api/session.ts';
import { useUrl } from '../../app/url.ts';
import { countText, shareText } from '../../parts/drift.tsx';
import { InstantInput } from '../../parts/instant-input.tsx';
import { ActButton } from '../../parts/may.tsx';
import { ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import {
  type Approval,
  ApprovalState,
  AskButton,
  useApprovalOf,
  Withdraw,
} from './approval-of.tsx';
import { type BacktestAnswer, useBacktest, useBacktestId } from './backtest.tsx';
import type { OnRecord } from './bundle.tsx';
import { RollBack, staleAfterRelease } from './roll-back.tsx';
import type { Point } from './shape.ts';
import { Try } from './try.tsx';

/** What becomes of a bundle, as far as its point tells it. */
export function standingOf(point: Point, digest: string): string {
  if (point.live?.digest === digest) return 'live';
  if (point.canary?.digest === digest) return 'canary';
  if (point.shadow?.digest === digest) return 'shadow';
  return point.scheduled.some((each) => each.digest === digest) ? 'scheduled' : 'draft';
}

export function Way({ onRecord, point }: { readonly onRecord: OnRecord; readonly point: Point }) {
  const { digest, version } = onRecord;
  const approval = useApprovalOf('policy.publish', version);
  const isOpen = approval?.status === 'pending' || approval?.status === 'approved';
  const [chosen] = useBacktestId(digest);
  const id = (isOpen ? textIn(approval, 'backtest_id') : undefined) ?? chosen;
  const { data: backtest } = useBacktest(digest, id);
  const scheduled = point.scheduled.find((each) => each.digest === digest);
  const isDone = point.published === digest;
  return (
    <aside className="way" aria-label="The way into force">
      {isDone ? (
        <Stack gap="sm" align="flex-start">
          <Text>
            {scheduled ? (
              <>
                Published: it comes into force <Time at={scheduled.effective_at} whole />.
              </>
            ) : (
              'This bundle is in force.'
            )}
          </Text>
          {backtest && <Text c="dimmed">What was known of it before is under Back-test.</Text>}
          <RollBack point={point} />
        </Stack>
      ) : (
        <ol>
          <Step title="Draft" isDone>
            <Text c="dimmed">Checked, its tests passed, and on record.</Text>
          </Step>
          <BacktestStep backtest={backtest} />
          <ApprovalStep {...{ onRecord, point, backtest }} approval={approval} />
          <PublishStep {...{ onRecord, point }} approval={isOpen ? approval : undefined} />
        </ol>
      )}
      <Try onRecord={onRecord} point={point} />
    </aside>
  );
}

export function textIn(approval: Approval | undefined, member: string): string | undefined {
  const value = approval?.subject?.[member];
  return typeof value === 'string' ? value : undefined;
}

function Step({
  title,
  isDone = false,
  children,
}: {
  readonly title: string;
  readonly isDone?: boolean;
  readonly children: ReactNode;
}) {
  const Icon = isDone ? CircleCheck : CircleDashed;
  return (
    <li className="way-step" data-done={isDone || undefined}>
      <Icon size={16} aria-label={isDone ? 'done' : 'to do'} />
      <Stack gap={6} miw={0}>
        <h3>{title}</h3>
        {children}
      </Stack>
    </li>
  );
}

function BacktestStep({ backtest }: { readonly backtest: BacktestAnswer | undefined }) {
  const [, setUrl] = useUrl();
  const report = backtest?.report;
  return (
    <Step title="Back-test" isDone={backtest !== undefined}>
      {report && backtest ? (
        <Text>
          {report.decisions === 0
            ? 'No decision was on record at this point'
            : `${shareText(report.decisions - report.changed, report.decisions)} of ${countText(report.decisions)} decisions keep their outcome`}
          , <Time at={backtest.created_at} />
        </Text>
      ) : (
        <Text c="dimmed">What would it have said to recorded decisions?</Text>
      )}
      <Group>
        <ActButton
          right="policy:read"
          size="compact-xs"
          onClick={() =>
            setUrl({ tab: 'backtest', ...(backtest ? { backtest: backtest.id } : {}) })
          }
        >
          {backtest ? 'See the report' : 'To the back-test'}
        </ActButton>
      </Group>
    </Step>
  );
}

function ApprovalStep({
  point,
  backtest,
  approval,
}: {
  readonly onRecord: OnRecord;
  readonly point: Point;
  readonly backtest: BacktestAnswer | undefined;
  readonly approval: Approval | undefined;
}) {
  const isOver = approval !== undefined && isOvertaken(approval, point);
  const isOpen = approval?.status === 'pending' || (approval?.status === 'approved' && !isOver);
  const session = useSession();
  return (
    <Step title="Approval by another person" isDone={approval?.status === 'approved' && !isOver}>
      {approval && <ApprovalState approval={approval} />}
      {approval?.status === 'pending' && approval.maker === session?.principal && (
        <Group>
          <Withdraw approval={approval} />
        </Group>
      )}
      {isOver && (
        <Text>
          Another bundle was published since this was asked for: look at the changes once more, and
          ask anew.
        </Text>
      )}
      {(!isOpen || isOver) && <Ask backtest={backtest} />}
    </Step>
  );
}

/** What was approved is bound to what was in force: another publication makes it void. */
function isOvertaken(approval: Approval, point: Point): boolean {
  const isOpen = approval.status === 'pending' || approval.status === 'approved';
  return isOpen && (textIn(approval, 'supersedes') ?? null) !== point.published;
}

function Ask({ backtest }: { readonly backtest: BacktestAnswer | undefined }) {
  const [when, setWhen] = useState<'now' | 'later'>('now');
  const [instant, setInstant] = useState<string>();
  const proposed = backtest?.approval;
  const asking =
    proposed === undefined || when === 'now' || instant === undefined
      ? proposed
      : {
          ...proposed,
          subject: { ...proposed.subject, effective_at: instant },
          summary: `${proposed.summary}; in force from ${instant}`,
        };
  const unless =
    backtest === undefined
      ? 'Run the back-test first: the approval names its report'
      : when === 'later' && instant === undefined
        ? 'Say from when on'
        : undefined;
  return (
    <>
      <Text c="dimmed">Whoever approves agrees to exactly this bundle, report and moment.</Text>
      <SegmentedControl
        fullWidth
        aria-label="In force from"
        value={when}
        onChange={(next) => setWhen(next as 'now' | 'later')}
        data={[
          { value: 'now', label: 'When published' },
          { value: 'later', label: 'From a moment on' },
        ]}
      />
      {when === 'later' && (
        <InstantInput label="In force from" value={instant} onChange={setInstant} />
      )}
      <AskButton asking={asking} unless={unless} />
    </>
  );
}

function PublishStep({
  onRecord,
  point,
  approval,
}: {
  readonly onRecord: OnRecord;
  readonly point: Point;
  readonly approval: Approval | undefined;
}) {
  const { name, digest } = onRecord;
  const act = useAct('POST /v1/policies/{name}/publications', [
    ...staleAfterRelease,
    ...(['GET /v1/approvals', 'GET /v1/approvals/{id}'] as const),
  ]);
  const from = textIn(approval, 'effective_at');
  const unless =
    approval?.status !== 'approved'
      ? 'Another person approves it first'
      : isOvertaken(approval, point)
        ? 'Another bundle was published since: ask for approval anew'
        : undefined;
  const publish = () => {
    const backtest = textIn(approval, 'backtest_id');
    if (!approval || backtest === undefined) return;
    const body = { digest, supersedes: point.published, approval_id: approval.id };
    act.mutate({
      path: { name },
      body: { ...body, backtest_id: backtest, ...(from ? { effective_at: from } : {}) },
    });
  };
  return (
    <Step title="Publication">
      <Text c="dimmed">
        {from ? (
          <>
            In force from <Time at={from} whole />.
          </>
        ) : (
          'In force at once. A roll-back takes one click.'
        )}
      </Text>
      <ActButton
        right="policy:write"
        variant={unless === undefined ? 'filled' : 'default'}
        unless={unless}
        loading={act.isPending}
        onClick={publish}
      >
        {from ? 'Publish for then' : 'Publish now'}
      </ActButton>
      {act.error && <ProblemNote error={act.error} />}
    </Step>
  );
}

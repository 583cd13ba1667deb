// Runs the controls at once, and tells what they found.
import { notifications } from '@mantine/notifications';
import { Play } from 'lucide-react';
import type { Answer } from '../../api/client.ts';
import { useQueryClient } from '@tanstack/react-query';
import { useAct } from '../../api/queries.ts';
import { ActButton } from '../../parts/may.tsx';
import { modelReads } from './shapes.ts';

const stale = ['GET /v1/controls/runs', 'GET /v1/alerts', ...modelReads] as const;

/** What was found is folded a moment after it was answered; not everybody hears of events. */
const foldedMs = [1_500, 5_000];

/** Of one model, or of all in production. */
export function RunNow({ model, unless }: { readonly model?: string; unless?: string }) {
  const run = useAct('POST /v1/controls/run', stale);
  const queries = useQueryClient();
  const readAgain = () => {
    for (const ms of foldedMs) {
      setTimeout(() => {
        for (const each of stale) void queries.invalidateQueries({ queryKey: [each] });
      }, ms);
    }
  };
  return (
    <ActButton
      right="model:write"
      leftSection={<Play size={13} />}
      loading={run.isPending}
      unless={unless}
      onClick={() =>
        run.mutate(
          { body: model === undefined ? {} : { model } },
          {
            onSuccess: ({ items }) => {
              notifications.show(foundIn(items));
              readAgain();
            },
            onError: ({ problem }) =>
              notifications.show({
                ...{ color: 'red', title: problem.title, autoClose: false },
                message: problem.detail ?? problem.code,
              }),
          },
        )
      }
    >
      Run controls
    </ActButton>
  );
}

type Items = Answer<'POST /v1/controls/run'>['items'];

function foundIn(items: Items) {
  const results = items.flatMap((run) => run.results);
  const failed = results.filter(({ result }) => result === 'failed');
  const unknown = results.filter(({ result }) => result === 'insufficient');
  const names = [...new Set(failed.map(({ control }) => control))].join(', ');
  return {
    autoClose: 10_000,
    color: failed.length > 0 ? 'red' : 'green',
    title: failed.length > 0 ? `${failed.length} controls failed: ${names}` : 'No control failed',
    message:
      `Of the last day: ${results.length} results` +
      (unknown.length > 0 ? `, ${unknown.length} of them for too few cases.` : '.'),
  };
}

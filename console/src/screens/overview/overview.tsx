// The bank at a glance: what goes through the three planes now, and what waits for people.
import { Stack } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useChanges } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useMay } from '../../api/session.ts';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Empty, Loading, ProblemNote } from '../../parts/states.tsx';
import { Flow } from './flow.tsx';
import { News } from './news.tsx';
import { Promises } from './promises.tsx';
import { Raised } from './raised.tsx';
import { Waiting } from './waiting.tsx';
import './overview.css';

/** What the picture shows, in minutes. */
const minutes = 60;
/** The minute that runs is read this often; a change tells of nothing that is not in it. */
const refreshMs = 5_000;

export function Overview() {
  const may = useMay();
  const sees = may('policy:read');
  const flow = useApi(
    'GET /v1/flow',
    { query: { minutes } },
    { keep: true, refetchMs: refreshMs, enabled: sees.allowed },
  );
  useChanges(['case.', 'approval.'], () => void flow.refetch());
  return (
    <Screen title="Overview" about={`the last ${minutes} minutes`}>
      <Scroll>
        {!sees.allowed && (
          <Empty title="The overview is not for your roles" action={<WhereTo />}>
            {sees.why}
          </Empty>
        )}
        {flow.error && <ProblemNote error={flow.error} retry={flow.refetch} />}
        {sees.allowed && flow.isPending && <Loading />}
        {flow.data && (
          <Stack gap="md">
            <Flow minutes={flow.data.items} />
            <div className="overview-below">
              <Stack gap="sm">
                <Waiting />
                <Raised />
              </Stack>
              <Promises />
              <News />
            </div>
          </Stack>
        )}
      </Scroll>
    </Screen>
  );
}

function WhereTo() {
  return <Link to={'/help' as never}>What you can do here</Link>;
}

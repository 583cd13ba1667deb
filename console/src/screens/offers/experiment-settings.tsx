// Who is held out and for how long, how much is left to chance, and when offers stop by themselves.
import { useQueryClient } from '@tanstack/react-query';
import { call } from '../../api/client.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { withApproval } from '../../parts/approved.ts';
import { checkedOf } from '../../parts/check-notes.tsx';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { countText, shareText } from '../../parts/figures.ts';
import { ActButton } from '../../parts/may.tsx';
import { Card, Facts } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { tell } from '../../parts/tell.ts';
import type { Settings } from './shapes.ts';

const experimentsOp = 'GET /v1/offers/experiments';
const changeOp = 'POST /v1/offers/experiments/settings';
const checkOp = 'POST /v1/offers/experiments/settings/check';
const [whole, million] = [10_000, 1_000_000];

export function ExperimentSettings() {
  const { data, error, refetch } = useApi(experimentsOp, {});
  const [url, setUrl] = useUrl();
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  const { settings } = data;
  if (url['do'] === 'edit') {
    return <Desk settings={settings} done={() => setUrl({ do: undefined })} />;
  }
  const { breaker } = settings;
  return (
    <div className="stacked">
      <div className="side-by-side">
        <Card title="Who is held out">
          <Facts
            of={{
              'From all offers':
                settings.holdout_bps === 0
                  ? 'nobody'
                  : `${shareText(settings.holdout_bps / whole)} of customers, the same ones for ${settings.holdout_months} months`,
              'Looked at': `for ${settings.analysis_days} days after the period`,
              'From one action':
                settings.control_bps === 0
                  ? 'nobody'
                  : `${shareText(settings.control_bps / whole)} of those who would be offered it`,
              'Left to chance':
                settings.exploration_bps === 0
                  ? 'nothing'
                  : `${shareText(settings.exploration_bps / whole)} of those who are not held out, others each month`,
              'Counts as opened': `within ${settings.attribution_days} days`,
            }}
          />
        </Card>
        <Card title="When offers stop by themselves">
          <Facts
            of={{
              Complaints: `${shareText(breaker.complaints_ppm / million)} of those presented, from ${countText(breaker.presented_min)} on`,
              'Failures of the core': countText(breaker.core_failures),
              Within: `${breaker.window_hours} h`,
            }}
          />
        </Card>
      </div>
      <div>
        <ActButton right="offers:write" onClick={() => setUrl({ do: 'edit' })}>
          Change this
        </ActButton>
      </div>
    </div>
  );
}

function Desk({ settings, done }: { readonly settings: Settings; readonly done: () => void }) {
  const queries = useQueryClient();
  const check = async (document: object): Promise<Checked> =>
    checkedOf(await call(checkOp, { body: document as Settings }));
  const publish = async (document: object) => {
    const body = document as Settings;
    await withApproval<typeof changeOp>((approval_id) =>
      call(changeOp, {
        body: approval_id === undefined ? body : { ...body, approval_id },
        key: `experiments-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await queries.invalidateQueries({ queryKey: [experimentsOp] });
    tell('These settings are in force.');
  };
  return (
    <DocumentDesk
      id="settings of experiments"
      title="The settings"
      inForce={settings}
      right="offers:write"
      {...{ check, publish }}
      about={() => 'Change who is held out from offers'}
      done={done}
    />
  );
}

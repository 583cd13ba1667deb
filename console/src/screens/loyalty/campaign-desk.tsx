// Where a campaign is written: its window, whom it is for, what one award gives, and how many points
// it may give in all.
import { useQueryClient } from '@tanstack/react-query';
import { useMemo } from 'react';
import type { Api } from '../../api/openapi.ts';
import { call } from '../../api/client.ts';
import { withApproval } from '../../parts/approved.ts';
import { checkedOf } from '../../parts/check-notes.tsx';
import { type Checked, DocumentDesk } from '../../parts/document-desk.tsx';
import { tell } from '../../parts/tell.ts';
import { useNow } from '../../parts/time.tsx';
import { useProgram } from './program-choice.tsx';

const createOp = 'POST /v1/loyalty/campaigns';
const checkOp = 'POST /v1/loyalty/campaigns/check';
type Body = Api[typeof createOp]['body'];

const monthMs = 30 * 86_400_000;
const dayMs = 86_400_000;

type DeskProps = { readonly done: (id: string) => void };

export function CampaignDesk({ done }: DeskProps) {
  const { program, rest } = useProgram();
  // What is typed before it is known whose campaign it is would be of none.
  if (program === undefined) return rest;
  return <Desk program={program.name} done={done} />;
}

function Desk({ program, done }: DeskProps & { readonly program: string }) {
  const queries = useQueryClient();
  const today = Math.floor(useNow() / dayMs) * dayMs;
  const blank = useMemo(
    () => ({
      ...{ program, campaign: 'new-campaign', title: 'New campaign' },
      description: 'What it is for, and for whom.',
      from: new Date(today + dayMs).toISOString(),
      until: new Date(today + dayMs + monthMs).toISOString(),
      ...{ points: 500, budget: 100_000 },
    }),
    [program, today],
  );
  const check = async (document: object): Promise<Checked> =>
    checkedOf(await call(checkOp, { body: document as Body }));
  const publish = async (document: object) => {
    const body = document as Body;
    await withApproval<typeof createOp>((approval_id) =>
      call(createOp, {
        body: approval_id === undefined ? body : { ...body, approval_id },
        key: `campaign-${approval_id ?? crypto.randomUUID()}`,
      }),
    );
    await queries.invalidateQueries({ queryKey: ['GET /v1/loyalty/campaigns'] });
    tell('Made: fund its budget next.');
    done(body.campaign);
  };
  return (
    <DocumentDesk
      id="campaign"
      title="The campaign"
      inForce={undefined}
      blank={blank}
      right="loyalty:write"
      {...{ check, publish }}
      about={(document) => `Make the campaign ${(document as Partial<Body>).campaign ?? ''}`}
      done={() => undefined}
    />
  );
}

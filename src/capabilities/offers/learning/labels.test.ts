// What customers answer becomes a label of the decision by which they were asked.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage, internalId } from '#core';
import { openBank, seal } from '../../../../test/bank.ts';
import { openOffers, savings } from '../../../../test/offers.ts';
import { deployModel, shippedModel } from '../../../../test/scored.ts';
import { offerLabels } from './labels.ts';

const bank = await openBank({ after });

test('accepted and declined are labels, once, whatever is told twice', async () => {
  const offers = await openOffers(bank);
  await offers.publish(savings);
  const asked: string[] = [];
  for (const act of ['offer.accept', 'offer.decline']) {
    const [offer] = (await offers.consider(await offers.customer())).offers;
    asked.push(offer?.offer_id ?? '');
    await offers.act('service:app', act, { offer_id: offer?.offer_id });
  }
  const pool = bank.planes.database.pool('read');
  const label = offerLabels({ ...bank.planes, pool });
  await seal(bank);
  await consumePage(label, bank.planes.database.pool('app'));
  await bank.superuser.query(`delete from core.consumer where name = 'offer-labels'`);
  await consumePage(label, bank.planes.database.pool('app'));
  const { rows } = await bank.superuser.query(
    `select l.label ->> 'label' as label, l.label ->> 'source' as source, o.status
       from core.command c, jsonb_array_elements(c.body::jsonb -> 'labels') as l(label)
       join offers.exposure e on e.decision_id = l.label ->> 'decision_id'
       join offers.offer o on o.id = e.offer_id
      where c.tenant_id = $1 and c.operation = 'label.record' order by 1`,
    [offers.tenant.id],
  );
  assert.deepEqual(rows, [
    { label: 'accepted', source: 'acceptance', status: 'accepted' },
    { label: 'declined', source: 'acceptance', status: 'declined' },
  ]);
});

test('what a model says is a score on record, of the command that the label judges', async () => {
  const offers = await openOffers(bank);
  const { tenant } = offers;
  await offers.publish(savings);
  await offers.publish({ ...savings, code: 'other', product: { code: 'OTHER', kind: 'savings' } });
  await deployModel(bank.planes, tenant.id, shippedModel('offer-propensity'));
  const scores = () =>
    bank.superuser.query<{ command: string; point: string; status: string }>(
      `select p ->> 'command_id' as command, p ->> 'point' as point, p ->> 'status' as status
         from core.event, jsonb_path_query(body::jsonb, '$.data.payload') as p
        where tenant_id = $1 and type = 'score.produced' order by seq`,
      [tenant.id],
    );
  // The first look loads the model, and may come too late to be heard.
  for (let look = 0; look < 50 && (await scores()).rowCount === 0; look += 1) {
    await offers.consider(await offers.customer(), { placesMax: 1 });
  }
  const { presented, id } = await offers.consider(await offers.customer(), { placesMax: 1 });
  const [shown] = presented;
  assert.equal(shown?.result, 'presented');
  const last = (await scores()).rows.slice(-2);
  assert.deepEqual(
    last.map(({ point, status }) => [point, status]),
    [
      ['offer-propensity', 'scored'],
      ['offer-propensity', 'scored'],
    ],
  );
  const { rows: considered } = await bank.superuser.query(
    `select id from core.command where tenant_id = $1 and idempotency_key = $2`,
    [tenant.id, `consider ${id}`],
  );
  assert.deepEqual(
    new Set(last.map(({ command }) => internalId('command', command))),
    new Set([shown?.command_id, considered[0]?.id]),
    'of what was not presented, of the command that tells what was looked at',
  );
  const { rows: kept } = await bank.superuser.query(
    'select body ->> $2 as presented from offers.consideration where tenant_id = $1 and id = $3',
    [tenant.id, 'presented', id],
  );
  assert.ok(kept[0]?.presented.includes(String(shown?.offer_id)));
});

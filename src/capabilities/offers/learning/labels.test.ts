// What customers answer becomes a label of the decision by which they were asked.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { consumePage } from '#core';
import { openBank, seal } from '../../../../test/bank.ts';
import { openOffers, savings } from '../../../../test/offers.ts';
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

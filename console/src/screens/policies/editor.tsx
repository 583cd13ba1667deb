// The editor of a policy: rules as rows, conditions as columns, checked as it is typed. It decides
// nothing: what is saved is a draft, which others look at before it comes into force.
import { Center, Loader } from '@mantine/core';
import { useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Desk } from './desk.tsx';
import { usePoints, useTitles } from './policies.tsx';
import type { Bundle } from './shape.ts';
import { type Copy, keptCopy } from './working-copy.ts';

export function PolicyEditor() {
  const { name } = useParams({ strict: false }) as { readonly name: string };
  const [{ from }] = useUrl();
  const points = usePoints();
  const titles = useTitles();
  const point = points.items.find((each) => each.name === name);
  const digest = from ?? point?.live?.digest;
  const bundle = useApi(
    'GET /v1/policy-bundles/{digest}',
    { path: { digest: digest ?? '' } },
    { enabled: digest !== undefined },
  );
  const { data: words, error } = useApi('GET /v1/policy-schema', {}, { keep: true });
  // What is in force may change while somebody edits: their desk stays as it is, and says so.
  const key = `policy edit ${name} ${from ?? ''}`;
  const isReady = !points.isPending && words !== undefined && (digest === undefined || bundle.data);
  // Laid once: whatever is read again later, what is typed stays on the desk.
  const [laid, lay] = useState<{ readonly key: string; readonly copy: Copy }>();
  if (isReady && laid?.key !== key) {
    const begun = (bundle.data?.bundle as Bundle | undefined) ?? emptyBundle(name);
    const of = { from: digest ?? null, live: point?.live?.digest ?? null };
    lay({ key, copy: keptCopy(key) ?? copyOf(begun, of) });
  }
  const first = laid?.key === key ? laid.copy : undefined;
  const title = `Edit ${titles.get(name) ?? name}`;
  const trouble = points.error ?? bundle.error ?? error;
  if (trouble && !first) {
    return (
      <Screen title={title}>
        <Scroll>
          <ProblemNote error={trouble} retry={() => bundle.refetch()} />
        </Scroll>
      </Screen>
    );
  }
  if (!first || !words) {
    return (
      <Screen title={title}>
        <Center flex={1}>
          {points.isPending ? <Loading /> : <Loader size="sm" type="dots" />}
        </Center>
      </Screen>
    );
  }
  return (
    <Desk
      key={key}
      title={title}
      storageKey={key}
      first={first}
      live={point?.live ?? null}
      words={words}
    />
  );
}

function copyOf(bundle: Bundle, of: Pick<Copy, 'from' | 'live'>): Copy {
  return { bundle, base: bundle, ...of, added: {} };
}

/** Of a point at which nothing decides: the least that there is to fill in. */
function emptyBundle(name: string): Bundle {
  return {
    ...{ format: 1, name, title: name, description: '' },
    facts: { amount: { type: 'integer', description: 'The amount in minor units.' } },
    reasons: { usual: 'Nothing speaks against this.' },
    rules: [{ id: 'usual', if: { amount: '>= 0' }, outcome: 'allow', reason: 'usual' }],
    tests: [{ name: 'a usual case', facts: { amount: 100 }, expect: { outcome: 'allow' } }],
  };
}

// One programme: its rules to be read, its versions, what a transaction would earn and why, its
// rewards, and the desk where the next version is written.
import { Link, useParams } from '@tanstack/react-router';
import { useRefresh } from '../../api/live.ts';
import { useApi } from '../../api/queries.ts';
import { useUrl } from '../../app/url.ts';
import { type Key, KeysButton, useKeys } from '../../parts/keys.tsx';
import { ActButton } from '../../parts/may.tsx';
import { PageTabs, useTabs } from '../../parts/page-tabs.tsx';
import { Screen, Scroll } from '../../parts/screen.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';
import { Time } from '../../parts/time.tsx';
import './loyalty.css';
import { ProgramDesk } from './program-desk.tsx';
import { Rewards } from './rewards.tsx';
import { ProgramRules } from './rules.tsx';
import { TryIt } from './try.tsx';
import { Versions } from './versions.tsx';

const tabs = [
  ['rules', 'Rules'],
  ['try', 'Try it'],
  ['rewards', 'Rewards'],
  ['versions', 'Versions'],
  ['edit', 'Write a version'],
] as const;

const programOp = 'GET /v1/loyalty/programs/{name}';

export function ProgramPage() {
  const { name = '' } = useParams({ strict: false }) as { readonly name?: string };
  const { data, error, refetch } = useApi(programOp, { path: { name } });
  useRefresh(
    ['loyalty.program_'],
    [programOp, 'GET /v1/loyalty/programs/{name}/versions', 'GET /v1/approvals'],
  );
  const [shown, keysOfTabs] = useTabs(tabs);
  const [, setUrl] = useUrl();
  const edit = () => setUrl({ tab: 'edit' });
  const keys: readonly Key[] = [
    ...keysOfTabs,
    { key: 'e', words: 'Write the next version', act: edit },
  ];
  useKeys(keys, data !== undefined);
  if (!data) {
    return (
      <Screen title={name}>
        {error ? (
          <Scroll>
            <ProblemNote error={error} retry={refetch} />
          </Scroll>
        ) : (
          <Loading />
        )}
      </Screen>
    );
  }
  const { document, version, effective_at } = data;
  return (
    <Screen
      title={document.title}
      about={
        <>
          <span className="mono">{version}</span> in force <Time at={effective_at} />, in{' '}
          {document.unit} ·{' '}
          <Link to={'/members' as never} search={{ program: name } as never}>
            members
          </Link>{' '}
          ·{' '}
          <Link to={'/liability' as never} search={{ program: name } as never}>
            liability
          </Link>
        </>
      }
      actions={
        <>
          <KeysButton keys={keys} />
          <ActButton right="loyalty:write" variant="filled" onClick={edit}>
            Write a version
          </ActButton>
        </>
      }
    >
      <PageTabs tabs={tabs} shown={shown}>
        {shown === 'rules' && <ProgramRules program={document} />}
        {shown === 'try' && <TryIt program={document} />}
        {shown === 'rewards' && <Rewards program={document} />}
        {shown === 'versions' && <Versions name={name} />}
        {shown === 'edit' && (
          <ProgramDesk name={name} inForce={data} done={() => setUrl({ tab: 'versions' })} />
        )}
      </PageTabs>
    </Screen>
  );
}

// What a version of a programme would change, for whoever is to approve it.
import { useApi } from '../../api/queries.ts';
import { Changes } from '../../parts/changes.tsx';
import { Json } from '../../parts/json.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';

export function ProgramChange({
  name,
  digest,
}: {
  readonly name: string;
  readonly digest: string;
}) {
  const drafted = useApi('GET /v1/loyalty/programs/{name}/documents/{digest}', {
    path: { name, digest },
  });
  const current = useApi('GET /v1/loyalty/programs/{name}', { path: { name } });
  const isFirst = current.error?.problem.status === 404;
  if (drafted.error) {
    return drafted.error.problem.status === 404 ? (
      <p className="subject-note">The document is not on record: ask its maker for it.</p>
    ) : (
      <ProblemNote error={drafted.error} retry={drafted.refetch} />
    );
  }
  if (!drafted.data || (!current.data && !isFirst)) return <Loading />;
  if (!current.data) return <Json value={drafted.data.document} />;
  return (
    <Changes
      label="What would change"
      before={current.data.document}
      after={drafted.data.document}
    />
  );
}

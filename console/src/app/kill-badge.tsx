// Whether something is stopped by a kill switch: told on every screen.
import { Link } from '@tanstack/react-router';
import { OctagonX } from 'lucide-react';
import { useRefresh } from '../api/live.ts';
import { useApi } from '../api/queries.ts';
import { useMay } from '../api/session.ts';

export function KillBadge() {
  const enabled = useMay()('policy:read').allowed;
  const { data } = useApi('GET /v1/rollout', {}, { enabled });
  useRefresh(['rollout.'], ['GET /v1/rollout']);
  const killed = data?.killed ?? [];
  if (killed.length === 0) return null;
  const isAll = killed.includes('*');
  return (
    <Link to={'/rollout' as never} className="state" data-tone="bad" role="status">
      <OctagonX size={14} aria-hidden />
      {isAll ? 'AI is stopped' : `${killed.length} use cases stopped`}
    </Link>
  );
}

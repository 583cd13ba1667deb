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
  const isAll = killed.includes('*');
  // There before there is something to say: what is put into it is heard.
  return (
    <div role="status">
      {killed.length > 0 && (
        <Link to={'/rollout' as never} className="state" data-tone="bad">
          <OctagonX size={14} aria-hidden />
          {isAll ? 'AI is stopped' : stoppedWords(killed.length)}
        </Link>
      )}
    </div>
  );
}

function stoppedWords(count: number): string {
  return count === 1 ? 'One use case is stopped' : `${count} use cases are stopped`;
}

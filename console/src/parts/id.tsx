// Ids: short where they stand in a row, whole on hover, copied with one click, a link where they
// lead somewhere.
import { ActionIcon, CopyButton } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Check, Copy } from 'lucide-react';

/** Where the object of an id is shown, by its prefix; the API answers the same for a search. */
const places: Readonly<Record<string, string>> = {
  acc: '/ledger/accounts/',
  apr: '/approvals/',
  cas: '/reviews/',
  dec: '/decisions/',
  evt: '/events/',
  hld: '/ledger/holds/',
  off: '/offers/',
  pay: '/payments/',
  prp: '/proposals/',
  pty: '/customers/',
  rpl: '/replays/',
  scr: '/screening/',
  trf: '/ledger/transfers/',
  whk: '/webhooks/',
};

export function placeOf(id: string): string | undefined {
  const place = places[id.slice(0, 3)];
  return place !== undefined && id[3] === '_' ? place + id : undefined;
}

/** `pay_01j…9f3q`: the end tells ids of one moment apart. */
export function shortId(id: string): string {
  return /^[a-z]{3}_[0-9a-z]{26}$/.test(id) ? `${id.slice(0, 4)}…${id.slice(-6)}` : id;
}

export function Id({
  id,
  whole = false,
  link = true,
}: {
  readonly id: string;
  readonly whole?: boolean;
  readonly link?: boolean;
}) {
  const place = link ? placeOf(id) : undefined;
  const text = whole ? id : shortId(id);
  const shown = place ? (
    <Link to={place as never} className="mono">
      {text}
    </Link>
  ) : (
    <span className="mono">{text}</span>
  );
  return (
    <span style={{ display: 'inline-flex', alignItems: 'center', gap: 5, maxWidth: '100%' }}>
      {whole ? (
        <span className="clip">{shown}</span>
      ) : (
        <span title={id} style={{ whiteSpace: 'nowrap' }}>
          {shown}
        </span>
      )}
      {whole && <CopyId text={id} />}
    </span>
  );
}

export function CopyId({ text, label = 'Copy' }: { readonly text: string; label?: string }) {
  return (
    <CopyButton value={text} timeout={1_200}>
      {({ copied, copy }) => (
        <ActionIcon onClick={copy} aria-label={copied ? 'Copied' : `${label} ${text}`} size="xs">
          {copied ? <Check size={12} /> : <Copy size={12} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

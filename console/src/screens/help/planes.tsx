// How it works, on one page: three planes that never blur, and what passes between them.
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

const planes = [
  { name: 'AI proposes', about: 'models and agents', color: '--plane-ai', x: 10 },
  { name: 'Policy countersigns', about: 'rules, limits, people', color: '--plane-policy', x: 290 },
  { name: 'The ledger posts', about: 'money, twice entered', color: '--plane-money', x: 570 },
] as const;

export function Planes() {
  return (
    <div className="help-planes">
      <Picture />
      <div className="help-columns">
        <Part title="AI" color="--plane-ai" to={['/models', 'Models']}>
          Models score and agents propose. They change no balance and decide nothing: what they say
          is one fact among others, with its version and its reasons. Where one fails or is stopped,
          payments go on, decided by rules alone.
        </Part>
        <Part title="Policy" color="--plane-policy" to={['/decisions', 'Decisions']}>
          Every command is decided by rules that people have written and approved: allow, hold,
          review or deny. What is allowed gets a countersignature over exactly that command. What
          weighs more waits for one person, or for two.
        </Part>
        <Part title="Money" color="--plane-money" to={['/ledger/journal', 'Journal']}>
          The ledger accepts nothing without a countersignature, and checks it again. Debits equal
          credits, entries are never changed, and a command that comes twice has one effect.
        </Part>
        <Part title="Evidence" color="--still" to={['/evidence', 'Evidence']}>
          All three write to one log, sealed into a tree of hashes. Any decision can be decided
          again from it, with the same result, and proven to somebody outside with a receipt.
        </Part>
      </div>
      <ol className="help-way">
        <li>
          A payment comes in.{' '}
          <span className="dimmed">Its facts are gathered once, as of now.</span>
        </li>
        <li>
          A model scores it. <span className="dimmed">In time, or the rules decide without.</span>
        </li>
        <li>
          Policy decides by the first rules that fit, and by the limits.{' '}
          <span className="dimmed">
            The decision keeps which rules, which versions, which score.
          </span>
        </li>
        <li>
          Allowed, it is countersigned and posted.{' '}
          <span className="dimmed">
            Otherwise it waits for people, or is refused with a reason.
          </span>
        </li>
        <li>
          The log tells it, the tree seals it, webhooks carry it on.{' '}
          <span className="dimmed">Within a second or so.</span>
        </li>
      </ol>
    </div>
  );
}

function Part({
  title,
  color,
  to: [to, name],
  children,
}: {
  readonly title: string;
  readonly color: string;
  readonly to: readonly [string, string];
  readonly children: ReactNode;
}) {
  return (
    <section style={{ borderTop: `2px solid var(${color})` }}>
      <h2>{title}</h2>
      <p>{children}</p>
      <Link to={to as never}>{name}</Link>
    </section>
  );
}

function Picture() {
  return (
    <svg viewBox="0 0 780 132" role="img" aria-labelledby="planes-title" className="help-picture">
      <title id="planes-title">
        AI proposes to policy; policy hands a countersigned command to the ledger; all three write
        to one sealed log.
      </title>
      {planes.map(({ name, about, color, x }) => (
        <g key={name}>
          <rect x={x} y={8} width={200} height={58} rx={5} style={{ stroke: `var(${color})` }} />
          <text x={x + 100} y={33} className="help-strong">
            {name}
          </text>
          <text x={x + 100} y={51}>
            {about}
          </text>
          <path d={`M${x + 100} 66 V98`} className="help-thin" />
        </g>
      ))}
      <Arrow x={210} words="proposal" />
      <Arrow x={490} words="countersigned" />
      <rect x={10} y={98} width={760} height={28} rx={5} className="help-log" />
      <text x={390} y={117}>
        one log of events, sealed into a tree: anybody can check it
      </text>
    </svg>
  );
}

function Arrow({ x, words }: { readonly x: number; readonly words: string }) {
  return (
    <g>
      <path d={`M${x} 37 H${x + 76} m-7 -4 l7 4 l-7 4`} />
      <text x={x + 39} y={29} className="help-small">
        {words}
      </text>
    </g>
  );
}

// All keys: those that are heard everywhere, those of lists, and those of each screen.
import { Kbd } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { places } from '../../app/places.ts';
import { everywhere, inLists, ofScreens } from './keys.ts';

export function KeysView() {
  const all = places.flatMap((group) => group.places);
  return (
    <div className="help-keys">
      <div>
        <KeyTable title="Everywhere" keys={everywhere} />
        <KeyTable title="In a list" keys={inLists} />
      </div>
      <div>
        <h2>On a screen</h2>
        {ofScreens.map(({ to, keys }) => (
          <section key={to}>
            <h3>
              <Link to={to as never}>{all.find((place) => place.to === to)?.name ?? to}</Link>
            </h3>
            <Rows keys={keys} label={`Keys of ${to}`} />
          </section>
        ))}
      </div>
      <section>
        <h2>Go to a place</h2>
        <Rows label="Places" keys={all.map(({ name, key }) => [`g ${key}`, name] as const)} />
      </section>
    </div>
  );
}

type Keys = readonly (readonly [string, string])[];

function KeyTable({ title, keys }: { readonly title: string; readonly keys: Keys }) {
  return (
    <section>
      <h2>{title}</h2>
      <Rows keys={keys} label={title} />
    </section>
  );
}

function Rows({ keys, label }: { readonly keys: Keys; readonly label: string }) {
  return (
    <table className="plain" aria-label={label}>
      <tbody>
        {keys.map(([key, words]) => (
          <tr key={key}>
            <th scope="row">
              <Kbd size="xs">{key}</Kbd>
            </th>
            <td>{words}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

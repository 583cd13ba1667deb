// The controls: what is tested of every model in production, for whom, and what a failure does.
import { useApi } from '../../api/queries.ts';
import { Scroll } from '../../parts/screen.tsx';
import { State } from '../../parts/state.tsx';
import { Loading, ProblemNote } from '../../parts/states.tsx';

export function Controls() {
  const { data, error, refetch } = useApi('GET /v1/controls', {});
  if (error) return <ProblemNote error={error} retry={refetch} />;
  if (!data) return <Loading />;
  return (
    <Scroll>
      <table className="plain">
        <thead>
          <tr>
            <th>Control</th>
            <th>What it makes sure of</th>
            <th>Passes with</th>
            <th>Answers for it</th>
            <th>Runs</th>
            <th>A severe failure</th>
          </tr>
        </thead>
        <tbody>
          {data.items.map((control) => (
            <tr key={control.id}>
              <th scope="row">{control.id}</th>
              <td>{control.title}</td>
              <td>{control.threshold}</td>
              <td>{control.owner}</td>
              <td>{control.schedule}</td>
              <td>
                {control.suspends ? (
                  <State word="suspended">stops the model</State>
                ) : (
                  <State word="warn">raises an alert</State>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="note">
        Every failure raises an alert. What a control has stopped goes on only when people approve
        it. A control never lets anything go on.
      </p>
    </Scroll>
  );
}

// Four eyes: how many people had to agree, and how many have.
import './eyes.css';

export function Eyes({
  given,
  required,
  rejected = false,
}: {
  /** Undefined where only the number that is needed is known. */
  readonly given: number | undefined;
  readonly required: number;
  readonly rejected?: boolean;
}) {
  const words =
    given === undefined
      ? `${required} to agree`
      : rejected
        ? `${given} of ${required} agreed, one has rejected`
        : `${given} of ${required} agreed`;
  return (
    <span className="eyes" title={words}>
      <span className="eyes-dots" aria-hidden>
        {Array.from({ length: required }, (_, at) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: the first, the second and the third eye
            key={at}
            data-given={at < (given ?? 0) || undefined}
            data-no={rejected || undefined}
          />
        ))}
      </span>
      {given === undefined || given === required ? required : `${given} of ${required}`}
    </span>
  );
}

// A member by the id that the bank knows the customer by: a link to what stands for them here.
import { Link } from '@tanstack/react-router';
import { shortId } from '../../parts/id.tsx';

export function MemberLink({
  customer,
  program,
}: {
  readonly customer: string;
  readonly program?: string | undefined;
}) {
  return (
    <Link
      to={`/members/${customer}` as never}
      search={(program === undefined ? {} : { program }) as never}
      className="mono"
      title={customer}
    >
      {shortId(customer)}
    </Link>
  );
}

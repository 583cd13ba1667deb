// The map of the console: which address shows which screen. Each screen is loaded when it is opened.
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent as lazy,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { Loading, NotFound, ScreenFault } from '../parts/states.tsx';
import { Shell } from './shell.tsx';
import { SignedIn } from './signed-in.tsx';
import { parseSearch, stringifySearch } from './url.ts';

const screens: Readonly<Record<string, ReturnType<typeof lazy>>> = {
  '/': lazy(() => import('../screens/overview/overview.tsx'), 'Overview'),
  '/payments': lazy(() => import('../screens/payments/payments.tsx'), 'Payments'),
  '/payments/$id': lazy(() => import('../screens/payments/payment.tsx'), 'PaymentPage'),
  '/decisions': lazy(() => import('../screens/decisions/decisions.tsx'), 'Decisions'),
  '/decisions/$id': lazy(() => import('../screens/decisions/decision.tsx'), 'DecisionPage'),
  '/reviews': lazy(() => import('../screens/reviews/reviews.tsx'), 'Reviews'),
  '/reviews/$id': lazy(() => import('../screens/reviews/reviews.tsx'), 'Reviews'),
  '/approvals': lazy(() => import('../screens/approvals/approvals.tsx'), 'Approvals'),
  '/approvals/$id': lazy(() => import('../screens/approvals/approvals.tsx'), 'Approvals'),
  '/screening': lazy(() => import('../screens/screening/screening.tsx'), 'Screening'),
  '/screening/$id': lazy(() => import('../screens/screening/screening.tsx'), 'Screening'),
  '/ledger/accounts': lazy(() => import('../screens/ledger/accounts.tsx'), 'Accounts'),
  '/ledger/accounts/$id': lazy(() => import('../screens/ledger/account.tsx'), 'AccountPage'),
  '/ledger/journal': lazy(() => import('../screens/ledger/journal.tsx'), 'Journal'),
  '/ledger/transfers/$id': lazy(() => import('../screens/ledger/transfer.tsx'), 'TransferPage'),
  '/ledger/holds/$id': lazy(() => import('../screens/ledger/hold.tsx'), 'HoldPage'),
  '/cores': lazy(() => import('../screens/cores/cores.tsx'), 'Cores'),
  '/programs': lazy(() => import('../screens/loyalty/programs.tsx'), 'Programs'),
  '/programs/$name': lazy(() => import('../screens/loyalty/program.tsx'), 'ProgramPage'),
  '/members': lazy(() => import('../screens/loyalty/members.tsx'), 'Members'),
  '/members/$customer': lazy(() => import('../screens/loyalty/member.tsx'), 'MemberPage'),
  '/campaigns': lazy(() => import('../screens/loyalty/campaigns.tsx'), 'Campaigns'),
  '/liability': lazy(() => import('../screens/loyalty/liability.tsx'), 'Liability'),
  '/offers': lazy(() => import('../screens/offers/offers.tsx'), 'Offers'),
  '/offers/$id': lazy(() => import('../screens/offers/offer.tsx'), 'OfferPage'),
  '/offers/actions/$code': lazy(() => import('../screens/offers/action.tsx'), 'ActionPage'),
  '/experiments': lazy(() => import('../screens/offers/experiments.tsx'), 'Experiments'),
  '/policies': lazy(() => import('../screens/policies/policies.tsx'), 'Policies'),
  '/policies/$name': lazy(() => import('../screens/policies/policy.tsx'), 'PolicyPage'),
  '/policies/$name/edit': lazy(() => import('../screens/policies/editor.tsx'), 'PolicyEditor'),
  '/policies/bundles/$digest': lazy(() => import('../screens/policies/bundle.tsx'), 'BundlePage'),
  '/models': lazy(() => import('../screens/models/models.tsx'), 'Models'),
  '/models/$name': lazy(() => import('../screens/models/model.tsx'), 'ModelPage'),
  '/features': lazy(() => import('../screens/features/features.tsx'), 'Features'),
  '/agents': lazy(() => import('../screens/gateway/agents.tsx'), 'Agents'),
  '/agents/$id': lazy(() => import('../screens/gateway/agents.tsx'), 'Agents'),
  '/tools': lazy(() => import('../screens/gateway/tools.tsx'), 'Tools'),
  '/tools/$id': lazy(() => import('../screens/gateway/tools.tsx'), 'Tools'),
  '/proposals': lazy(() => import('../screens/gateway/proposals.tsx'), 'Proposals'),
  '/proposals/$id': lazy(() => import('../screens/gateway/proposals.tsx'), 'Proposals'),
  '/prompts': lazy(() => import('../screens/prompts/prompts.tsx'), 'Prompts'),
  '/prompts/$id': lazy(() => import('../screens/prompts/prompts.tsx'), 'Prompts'),
  '/calls': lazy(() => import('../screens/gateway/calls.tsx'), 'Calls'),
  '/rollout': lazy(() => import('../screens/rollout/rollout.tsx'), 'Rollout'),
  '/replays': lazy(() => import('../screens/replays/replays.tsx'), 'Replays'),
  '/replays/$id': lazy(() => import('../screens/replays/replays.tsx'), 'Replays'),
  '/events': lazy(() => import('../screens/events/events.tsx'), 'Events'),
  '/events/$id': lazy(() => import('../screens/events/events.tsx'), 'Events'),
  '/evidence': lazy(() => import('../screens/evidence/evidence.tsx'), 'Evidence'),
  '/slos': lazy(() => import('../screens/slos/slos.tsx'), 'Slos'),
  '/webhooks': lazy(() => import('../screens/webhooks/webhooks.tsx'), 'Webhooks'),
  '/webhooks/$id': lazy(() => import('../screens/webhooks/webhooks.tsx'), 'Webhooks'),
  '/people': lazy(() => import('../screens/people/people.tsx'), 'People'),
  '/people/$principal': lazy(() => import('../screens/people/people.tsx'), 'People'),
  '/customers/$id': lazy(() => import('../screens/customers/customer.tsx'), 'CustomerPage'),
  '/help': lazy(() => import('../screens/help/help.tsx'), 'Help'),
};

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });
const console = createRoute({ getParentRoute: () => root, id: 'console', component: Shell });

const bank = createRoute({
  getParentRoute: () => root,
  path: '/bank',
  component: lazy(() => import('../bank/bank.tsx'), 'Bank'),
});
const bankPart = createRoute({
  getParentRoute: () => root,
  path: '/bank/$',
  component: lazy(() => import('../bank/bank.tsx'), 'Bank'),
});
const signedIn = createRoute({
  getParentRoute: () => root,
  path: '/signed-in',
  component: SignedIn,
});
const ledger = createRoute({
  getParentRoute: () => console,
  path: '/ledger',
  beforeLoad: () => {
    throw redirect({ to: '/ledger/accounts' as never });
  },
});

export function createAppRouter() {
  const routes = Object.entries(screens).map(([path, screen]) =>
    createRoute({ getParentRoute: () => console, path, component: screen }),
  );
  return createRouter({
    routeTree: root.addChildren([
      console.addChildren([ledger, ...routes]),
      ...[bank, bankPart, signedIn],
    ]),
    parseSearch,
    stringifySearch,
    defaultPreload: 'intent',
    defaultPendingComponent: Loading,
    defaultErrorComponent: ScreenFault,
    scrollRestoration: true,
  });
}

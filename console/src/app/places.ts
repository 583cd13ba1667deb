// Where things are: the navigation, in the order of a bank's day, with a key for each.
import {
  Activity,
  ArrowRightLeft,
  Award,
  BadgeCheck,
  BookOpen,
  Bot,
  Boxes,
  BrainCircuit,
  CircleHelp,
  FlaskConical,
  Gauge,
  Gift,
  GitCompare,
  Hand,
  Inbox,
  Landmark,
  ListTree,
  type LucideIcon,
  Megaphone,
  MessageSquareText,
  PiggyBank,
  Radio,
  Scale,
  SearchCheck,
  Server,
  ShieldCheck,
  SlidersHorizontal,
  UserRound,
  Users,
  Wallet,
  Webhook,
  Wrench,
} from 'lucide-react';
import type { Right } from '../api/session.ts';

export type Place = {
  readonly to: string;
  readonly name: string;
  readonly icon: LucideIcon;
  /** After `g`: a letter, or a digit. */
  readonly key: string;
  /** Without it the place stays in sight, and says why it is closed. */
  readonly right?: Right;
  /** For the search: other words for it. */
  readonly words?: string;
};

export const places: readonly { readonly group: string; readonly places: readonly Place[] }[] = [
  {
    group: 'Now',
    places: [
      { to: '/', name: 'Overview', icon: Gauge, key: 'o', words: 'home flow planes' },
      { to: '/slos', name: 'Service levels', icon: Activity, key: 's', words: 'slo alerts budget' },
    ],
  },
  {
    group: 'Operate',
    places: [
      { to: '/payments', name: 'Payments', icon: Wallet, key: 'p', right: 'payments:read' },
      {
        ...{ to: '/reviews', name: 'Reviews', icon: Inbox, key: 'r', right: 'reviews:read' },
        words: 'cases queue',
      },
      {
        ...{ to: '/screening', name: 'Screening', icon: SearchCheck, key: 'x' },
        ...{ right: 'policy:read', words: 'sanctions pep hits lists' },
      },
    ],
  },
  {
    group: 'Ledger',
    places: [
      {
        ...{ to: '/ledger/accounts', name: 'Accounts', icon: Landmark, key: 'a' },
        ...{ right: 'ledger:read', words: 'balances statement' },
      },
      {
        ...{ to: '/ledger/journal', name: 'Journal', icon: BookOpen, key: 'j' },
        ...{ right: 'ledger:read', words: 'transfers entries' },
      },
      {
        ...{ to: '/cores', name: 'Cores', icon: Server, key: 'b', right: 'policy:read' },
        words: 'banking circuits health books differences',
      },
    ],
  },
  {
    group: 'Grow',
    places: [
      {
        ...{ to: '/programs', name: 'Programmes', icon: Award, key: '1', right: 'loyalty:read' },
        words: 'loyalty points programs earn rules tiers rewards catalogue',
      },
      {
        ...{ to: '/members', name: 'Members', icon: UserRound, key: '2', right: 'loyalty:read' },
        words: 'loyalty points balance tier expiry customer 360',
      },
      {
        ...{ to: '/campaigns', name: 'Campaigns', icon: Megaphone, key: '3' },
        ...{ right: 'loyalty:read', words: 'budgets awards claims missing points appeals' },
      },
      {
        ...{ to: '/liability', name: 'Liability', icon: PiggyBank, key: '4' },
        ...{ right: 'loyalty:read', words: 'points breakage triangle forecast ifrs deferred' },
      },
      {
        ...{ to: '/offers', name: 'Offers', icon: Gift, key: '5', right: 'offers:read' },
        words: 'next best action exposures contact policy treatments',
      },
      {
        ...{ to: '/experiments', name: 'Experiments', icon: FlaskConical, key: '6' },
        ...{ right: 'offers:read', words: 'lift control holdout fairness breaker batches funnel' },
      },
    ],
  },
  {
    group: 'Govern',
    places: [
      { to: '/decisions', name: 'Decisions', icon: Scale, key: 'd', right: 'policy:read' },
      {
        ...{ to: '/policies', name: 'Policies', icon: ShieldCheck, key: 'y' },
        ...{ right: 'policy:read', words: 'rules bundles publish rollback' },
      },
      {
        ...{ to: '/approvals', name: 'Approvals', icon: BadgeCheck, key: 'v' },
        ...{ right: 'policy:read', words: 'four eyes maker checker' },
      },
      {
        ...{ to: '/models', name: 'Models', icon: BrainCircuit, key: 'm' },
        ...{ right: 'model:read', words: 'drift fairness canary' },
      },
      { to: '/features', name: 'Features', icon: Boxes, key: 'f', right: 'model:read' },
      {
        ...{ to: '/agents', name: 'Agents', icon: Bot, key: 'n', right: 'policy:read' },
        words: 'gateway mcp clients tokens',
      },
      {
        ...{ to: '/tools', name: 'Tools', icon: Wrench, key: 't', right: 'policy:read' },
        words: 'gateway mcp registry schemas',
      },
      {
        ...{ to: '/proposals', name: 'Proposals', icon: Hand, key: 'q', right: 'policy:read' },
        words: 'gateway agents requests confirmations',
      },
      {
        ...{ to: '/prompts', name: 'Prompts', icon: MessageSquareText, key: 'k' },
        ...{ right: 'model:read', words: 'language models llm texts budgets' },
      },
      {
        ...{ to: '/rollout', name: 'Rollout', icon: SlidersHorizontal, key: 'l' },
        ...{ right: 'policy:read', words: 'kill switch flags' },
      },
      {
        ...{ to: '/replays', name: 'Replays', icon: GitCompare, key: 'z' },
        ...{ right: 'policy:read', words: 'determinism back-test day' },
      },
    ],
  },
  {
    group: 'Prove',
    places: [
      {
        ...{ to: '/calls', name: 'Calls', icon: ArrowRightLeft, key: 'c', right: 'events:read' },
        words: 'gateway agents tools audit mcp',
      },
      {
        ...{ to: '/events', name: 'Events', icon: Radio, key: 'e' },
        ...{ right: 'events:read', words: 'log tail schemas' },
      },
      {
        ...{ to: '/evidence', name: 'Evidence', icon: ListTree, key: 'i' },
        ...{ right: 'events:read', words: 'tree verify receipt checkpoint' },
      },
    ],
  },
  {
    group: 'Platform',
    places: [
      {
        ...{ to: '/people', name: 'People and keys', icon: Users, key: 'u' },
        ...{ right: 'policy:read', words: 'api keys roles sessions' },
      },
      {
        ...{ to: '/webhooks', name: 'Webhooks', icon: Webhook, key: 'w', right: 'webhooks:write' },
        words: 'deliveries dead letters',
      },
      { to: '/help', name: 'Help', icon: CircleHelp, key: 'h', words: 'glossary keys' },
    ],
  },
];

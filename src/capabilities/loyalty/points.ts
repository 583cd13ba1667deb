// Commands that move points, put together from what is to be moved: what only our own code writes
// into a journal stands here, so that nobody else decides what the ledger says of a lot.
import { assert, type CommandInput, type Json, type Principal } from '#core';
import { legsMax, type PointsOperation, type PostLeg } from '#money';
import type { ProgramAccounts } from './accounts.ts';
import type { Member } from './members.ts';

/** What every movement says. */
export type Moving = {
  readonly by: Principal;
  /** The idempotency key; of a reactor it has a blank, so that no caller can send it. */
  readonly key: string;
  readonly program: ProgramAccounts;
  readonly purpose?: string;
  /** When it takes effect, where that is not at once. */
  readonly effectiveAt?: string;
  /** Why, in a word that stays the same: `purchase`, `deposit`, `missing_points`, `goodwill`. */
  readonly reason: string;
  /** What it follows from: a transfer, an offer, a claim, a redemption. */
  readonly source?: string;
};

/** A movement of a member, by what was seen of him. */
export type MemberMoving = Moving & {
  readonly member: Member;
  /**
   * Versions of accounts by their ids. Who decides by lots says `{[active]: activeVersion}`; where
   * the account has moved since, the answer is `account_changed`.
   */
  readonly expects?: Readonly<Record<string, number>>;
};

/** Points that become a lot. */
export type Gift = {
  readonly points: number;
  readonly to: 'active' | 'pending';
  /** The ids of the rules that have given them. */
  readonly rules?: readonly string[];
  readonly campaign?: string | null;
  /** When pending points become active. */
  readonly maturesAt?: string | null;
  /** Null or absent: never. */
  readonly expiresAt?: string | null;
  /** Minor units of the home currency that were spent for them: said on one gift of a movement. */
  readonly spend?: number;
  /** Whether they count towards a tier, where that is not as the entry has it: `earn` does. */
  readonly qualifying?: boolean;
};

/** What policy wants to know of points that are given. */
export type GivingFacts = {
  /** What the member holds before: active, pending, less what is owed. */
  readonly customerPoints: number;
  /** What a point costs the bank, in millionths of a minor unit of the home currency. */
  readonly pointValueMicros: number;
};

export type Giving = MemberMoving & {
  readonly gifts: readonly Gift[];
  /** What the member owes of an earlier take-back: paid first. Absent or zero: nothing. */
  readonly owed?: number;
  readonly facts: GivingFacts;
};

export type Awarding = Giving & {
  readonly campaign: string;
  /** The account of the campaign's budget. */
  readonly budget: string;
  readonly facts: GivingFacts & {
    /** Minor units of the home currency. */
    readonly budgetLeft: number;
    readonly rewardOfSpendBps: number;
    readonly varianceBps: number;
  };
};

/** Points of a lot that is named, or of whichever is next to expire. */
export type Take = {
  readonly points: number;
  /** `trf_…`; without it, active lots in the order of their expiry. */
  readonly lot?: string;
  /** `owed`: what cannot be taken any more. */
  readonly from?: 'active' | 'pending' | 'owed';
  /** Of a take-back: the account that gets them, where that is not the one of what is issued. */
  readonly into?: string;
  /** Minor units of spending that were sent back with them. */
  readonly spend?: number;
};

/** The longest text that a leg says. */
const textMax = 512;

/** Issued points for what a customer has done. */
export function earnCommand(giving: Giving): CommandInput<Json> {
  const { program } = giving;
  return command('points.earn', giving, give(giving, program.issued), factsOf(giving));
}

/** Points of a campaign's budget, which the ledger never overdraws. */
export function awardCommand(giving: Awarding): CommandInput<Json> {
  const { campaign, budget, facts } = giving;
  const gifts = giving.gifts.map((gift) => ({ ...gift, campaign }));
  return command('points.award', giving, give({ ...giving, gifts }, budget), {
    ...factsOf(giving),
    campaign_id: campaign,
    budget_left: facts.budgetLeft,
    reward_of_spend_bps: facts.rewardOfSpendBps,
    variance_bps: facts.varianceBps,
  });
}

/** Points given by hand. Who owes some pays them first, as with all that is given. */
export function adjustCommand(giving: Giving): CommandInput<Json> {
  const legs = give(giving, giving.program.issued);
  return command('points.adjust', giving, legs, { ...factsOf(giving), takes: false });
}

/** Points taken by hand: never more than are there. */
export function adjustDownCommand(
  moving: MemberMoving & { readonly takes: readonly Take[] },
): CommandInput<Json> {
  const { takes, program } = moving;
  const legs = takes.map((each) => take(moving, each, program.issued));
  return command('points.adjust', moving, legs, { ...standingOf(moving.member), takes: true });
}

/** Of one member to another. Each part keeps the expiry of the lot that it is of. */
export function transferCommand(
  moving: MemberMoving & {
    readonly to: Member;
    readonly parts: readonly (Take & { readonly expiresAt: string | null })[];
    /** Of the member who gets them. */
    readonly facts: GivingFacts;
  },
): CommandInput<Json> {
  const { member, to, parts, facts } = moving;
  assert(member.customer !== to.customer, 'nobody gives points to himself');
  const sides = { debit: member.accounts.active, credit: to.accounts.active };
  const legs = parts.map(({ points, lot, expiresAt }) => {
    const said = { lot, to: to.customer, expires_at: expiresAt };
    return leg(moving, { ...sides, points, said });
  });
  const standing = member.standing === 'good' ? to.standing : member.standing;
  return command('points.transfer', moving, legs, {
    ...{ ...standingOf(member), account_standing: standing },
    ...{ to_customer_id: to.customer, customer_points: facts.customerPoints },
    point_value_micros: facts.pointValueMicros,
  });
}

/** Pending points become active; what the member owes is paid of them first. */
export function matureCommand(
  moving: MemberMoving & { readonly lots: readonly Take[]; readonly owed?: number },
): CommandInput<Json> {
  const { member, lots } = moving;
  const { active, pending } = member.accounts;
  const legs = paidFirst(lots, moving).map(({ part, account = active }) => {
    const { points, lot } = part;
    return leg(moving, { debit: pending, credit: account, points, said: { lot } });
  });
  return command('points.mature', moving, legs, standingOf(member));
}

/** Points for a reward. `source` is the redemption. */
export function redeemCommand(
  moving: MemberMoving & { readonly points: number },
): CommandInput<Json> {
  const { program, points, member } = moving;
  const legs = [take(moving, { points }, program.redeemed)];
  return command('points.redeem', moving, legs, standingOf(member));
}

/** A redemption sent back: its lots get back what they gave, with the expiry that they had. */
export function restoreCommand(
  moving: MemberMoving & {
    readonly points: number;
    /** The transfer of the redemption. */
    readonly of: string;
  },
): CommandInput<Json> {
  const { program, member, points, of } = moving;
  const sides = { debit: program.redeemed, credit: member.accounts.active };
  const legs = [leg(moving, { ...sides, points, said: { of } })];
  return command('points.restore', moving, legs, standingOf(member));
}

/** What was given for something that was sent back: what is left of an award to its budget. */
export function takeBackCommand(
  moving: MemberMoving & { readonly takes: readonly Take[] },
): CommandInput<Json> {
  const { takes, program, member } = moving;
  const legs = takes.map((each) => take(moving, each, each.into ?? program.issued));
  return command('points.take_back', moving, legs, standingOf(member));
}

/** Points whose time is over. */
export function expireCommand(
  moving: MemberMoving & { readonly lots: readonly Take[] },
): CommandInput<Json> {
  const { lots, program, member } = moving;
  const legs = lots.map((each) => take(moving, each, program.expired));
  return command('points.expire', moving, legs, standingOf(member));
}

/** All that a membership has left when it is closed; what is owed then is written off. */
export function forfeitCommand(
  moving: MemberMoving & { readonly takes: readonly Take[] },
): CommandInput<Json> {
  const { takes, program, member } = moving;
  const legs = takes.map((each) => {
    if (each.from !== 'owed') return take(moving, each, program.forfeited);
    const sides = { debit: program.forfeited, credit: accountOf(member, 'owed') };
    return leg(moving, { ...sides, points: each.points });
  });
  return command('points.forfeit', moving, legs, standingOf(member));
}

/** Points for the budget of a campaign. */
export function fundCommand(
  moving: Moving & {
    readonly campaign: string;
    readonly budget: string;
    readonly points: number;
    readonly pointValueMicros: number;
  },
): CommandInput<Json> {
  const { program, campaign, budget, points, pointValueMicros } = moving;
  const sides = { debit: program.issued, credit: budget };
  const legs = [leg(moving, { ...sides, points, said: { campaign } })];
  const facts = { campaign_id: campaign, point_value_micros: pointValueMicros };
  return command('points.fund', moving, legs, facts);
}

// Legs --------------------------------------------------------------------------------------------

function give(giving: Giving, from: string): PostLeg[] {
  const { member, gifts } = giving;
  return paidFirst(gifts, giving).map(({ part, account }) => {
    const { points, to, rules = [], campaign, maturesAt, expiresAt, spend, qualifying } = part;
    return leg(giving, {
      ...{ debit: from, credit: account ?? accountOf(member, to), points },
      said: {
        rule: rules.length === 0 ? undefined : joined(rules),
        campaign,
        matures_at: to === 'pending' ? maturesAt : undefined,
        expires_at: expiresAt,
        spend,
        qualifying,
      },
    });
  });
}

function take(moving: MemberMoving, { points, lot, from, spend }: Take, to: string): PostLeg {
  const debit = accountOf(moving.member, from ?? 'active');
  return leg(moving, { debit, credit: to, points, said: { lot, spend } });
}

/** The parts, of which the first pay what is owed: a part that is cut has its spending once. */
function paidFirst<Part extends { readonly points: number; readonly spend?: number }>(
  parts: readonly Part[],
  { member, owed = 0 }: { readonly member: Member; readonly owed?: number },
): { readonly part: Part; readonly account?: string }[] {
  let left = owed;
  return parts.flatMap((part) => {
    const paid = Math.min(left, part.points);
    if (paid === 0) return [{ part }];
    left -= paid;
    const account = accountOf(member, 'owed');
    const paying = { part: { ...part, points: paid }, account };
    if (paid === part.points) return [paying];
    const { spend: _said, ...rest } = part;
    return [paying, { part: { ...rest, points: part.points - paid } as Part }];
  });
}

function accountOf({ accounts, customer }: Member, role: 'active' | 'pending' | 'owed'): string {
  const account = accounts[role];
  assert(account !== null, `the account for what ${customer} owes is opened before it is used`);
  return account;
}

type Said = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The entry is the operation's, and is written with it. */
function leg(
  moving: Moving | MemberMoving,
  move: { debit: string; credit: string; points: number; said?: Said },
): PostLeg {
  const { program, reason, source } = moving;
  const { debit, credit, points, said = {} } = move;
  assert(Number.isSafeInteger(points) && points > 0, `${points} is no number of points`);
  const member = 'member' in moving ? moving.member.customer : undefined;
  const metadata = { program: program.program, member, reason, source, ...said };
  return {
    kind: 'post',
    debit_account_id: debit,
    credit_account_id: credit,
    amount: points,
    currency: program.unit,
    metadata: texts(metadata),
  };
}

function texts(said: Said): Record<string, string> {
  return Object.fromEntries(
    Object.entries(said).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[name, String(value)]],
    ),
  );
}

/** Ids of rules as one text: those that fit. */
function joined(rules: readonly string[]): string {
  const text = rules.join(',');
  return text.length <= textMax ? text : text.slice(0, text.lastIndexOf(',', textMax));
}

// Commands ----------------------------------------------------------------------------------------

function factsOf({ member, facts }: Giving) {
  return {
    ...standingOf(member),
    customer_points: facts.customerPoints,
    point_value_micros: facts.pointValueMicros,
  };
}

function standingOf({ program, customer, standing }: Member) {
  return { program, customer_id: customer, account_standing: standing };
}

function command(
  operation: PointsOperation,
  moving: Moving & Pick<Partial<MemberMoving>, 'expects'>,
  moved: readonly PostLeg[],
  facts: Json,
): CommandInput<Json> {
  const { by: principal, key: idempotencyKey, purpose, effectiveAt, expects } = moving;
  assert(moved.length > 0 && moved.length <= legsMax, `a journal has 1 to ${legsMax} legs`);
  const entry = operation.slice('points.'.length);
  const legs = moved.map((each) => ({ ...each, metadata: { ...each.metadata, entry } }));
  const body = {
    legs,
    points: facts,
    ...(effectiveAt === undefined ? {} : { effective_at: effectiveAt }),
    ...(expects === undefined ? {} : { expects }),
  };
  return { principal, idempotencyKey, operation, body, ...(purpose ? { purpose } : {}) };
}

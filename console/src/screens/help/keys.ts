// The keys of all screens, for the help; each screen hears its own, and tells them by `?`.
type KeyList = readonly (readonly [keys: string, words: string])[];

export const everywhere: KeyList = [
  ['⌘K or /', 'Find anything by its id, name or reference, or go to a place'],
  ['g and a key', 'Go to a place: the letters and digits stand in the list on the right'],
  ['?', 'Show the keys of the screen'],
  ['Esc', 'Close the panel or the dialog'],
  ['Tab', 'To the next field or button; the first one jumps to the content'],
];

export const inLists: KeyList = [
  ['j or ↓', 'Next in the list'],
  ['k or ↑', 'The one before'],
  ['Page ↓ ↑', 'A page on or back'],
  ['Home', 'To the top'],
  ['Enter', 'Open it'],
  ['f', 'Find in the list'],
];

/** Beyond those of lists. */
export const ofScreens: readonly { readonly to: string; readonly keys: KeyList }[] = [
  {
    to: '/slos',
    keys: [
      ['j k', 'Next objective, the one before'],
      ['1 – 4', 'Its course over an hour, a day, a week, a month'],
    ],
  },
  { to: '/payments', keys: [['r', 'Replay the decision of the one that is shown']] },
  {
    to: '/reviews',
    keys: [
      ['n', 'Take the highest case that nobody has'],
      ['a d', 'Approve, deny'],
      ['e s', 'Escalate, snooze'],
      ['c', 'Claim, or give back what is yours'],
      ['m', 'Write a note'],
      ['x', 'Select for a batch'],
    ],
  },
  {
    to: '/screening',
    keys: [
      ['n', 'Screen somebody now'],
      ['c', 'Clear the best open hit'],
    ],
  },
  { to: '/ledger/accounts', keys: [['0', 'On an account: balances as of now']] },
  {
    to: '/programs',
    keys: [
      ['n', 'Write a new programme'],
      ['1 – 5', 'On one: rules, try it, rewards, versions, write a version'],
      ['e', 'Write the next version'],
    ],
  },
  {
    to: '/members',
    keys: [
      ['f', 'Find by the id of the customer'],
      ['1 – 3', 'On one: entries, lots, redemptions'],
      ['a', 'Give or take points by hand'],
      ['s', 'Suspend, or restore'],
    ],
  },
  {
    to: '/campaigns',
    keys: [
      ['1 2', 'Campaigns, claims'],
      ['n', 'Write a new campaign'],
      ['f w', 'Fund it, give points of its budget'],
      ['d', 'Decide on the claim'],
    ],
  },
  {
    to: '/liability',
    keys: [
      ['1 2', 'The forecast in money, in points'],
      ['r', 'Ask for a run'],
    ],
  },
  {
    to: '/offers',
    keys: [
      ['1 – 3', 'Made lately, actions, contact policy'],
      ['n', 'Write a new action'],
      ['e', 'On an action: write the next version'],
    ],
  },
  {
    to: '/experiments',
    keys: [
      ['1 – 4', 'What came of them, what they changed, batches, who is held out'],
      ['b', 'Stop offers'],
      ['n', 'Start a batch'],
    ],
  },
  { to: '/decisions', keys: [['r', 'Replay the one that is shown']] },
  {
    to: '/policies',
    keys: [
      ['e', 'Edit the policy'],
      ['⌘S', 'In the editor: save the draft'],
      ['⌘Z ⌘⇧Z', 'In the editor: undo, redo'],
      ['⌘F', 'In the editor: find in the rules'],
    ],
  },
  {
    to: '/approvals',
    keys: [
      ['a d', 'Approve, reject'],
      ['w', 'Withdraw what you have asked for'],
    ],
  },
  {
    to: '/models',
    keys: [
      ['d', 'Deploy a version'],
      ['b', 'Go back to the version before'],
      ['s', 'Suspend, or resume'],
    ],
  },
  {
    to: '/agents',
    keys: [
      ['n', 'Register an agent'],
      ['e', 'Change what it may do'],
      ['s', 'Suspend, or resume'],
    ],
  },
  { to: '/tools', keys: [['a w', 'Approve, withdraw']] },
  { to: '/calls', keys: [['t', 'Follow the newest']] },
  { to: '/replays', keys: [['n', 'Start a replay']] },
  {
    to: '/people',
    keys: [
      ['1 – 4', 'People, keys, sessions, rules'],
      ['r', 'Give a role'],
      ['i', 'Issue a key'],
    ],
  },
  {
    to: '/webhooks',
    keys: [
      ['n', 'Set up a webhook'],
      ['p', 'Send a ping'],
      ['e', 'Edit it'],
      ['r', 'Send again from a position'],
    ],
  },
];

// What tells of a member: read again after each act.
export const memberReads = [
  'GET /v1/loyalty/members/{customer}',
  'GET /v1/loyalty/members/{customer}/lots',
  'GET /v1/loyalty/members/{customer}/entries',
  'GET /v1/loyalty/redemptions',
] as const;

import { openCoreBank } from '../../../test/core-bank.ts';
import { template } from '../../../simulators/cores/template/template.ts';
import { adapterContract } from '../adapter-contract.ts';
import { openTemplate } from './core.ts';

adapterContract('template', () =>
  openCoreBank({
    vendor: template,
    openAdapter: openTemplate,
    accountId: (number) => `A${7_000_000 + number}`,
    partyId: 'P1',
    product: 'C',
    loanProduct: 'none',
    warns: false,
    checks: false,
    takesOnce: true,
  }),
);

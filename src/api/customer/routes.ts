// The customer channel: what a bank's own customers may see and do, each with what is theirs.
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../routes.ts';
import type { Issuer } from '../sign-in/configuration.ts';
import { customerAccountRoutes } from './accounts.ts';
import { customerConsentRoutes } from './consents.ts';
import { demoCodeRoute } from './demo-code.ts';
import { customerMandateRoutes } from './mandates.ts';
import { customerOfferRoutes } from './offers.ts';
import { customerPaymentRoutes } from './payments.ts';
import { customerProposalRoutes } from './proposals.ts';
import { customerRewardRoutes } from './rewards.ts';

export function customerRoutes(app: FastifyInstance, parts: Parts, issuer?: Issuer): void {
  customerAccountRoutes(app, parts);
  customerPaymentRoutes(app, parts);
  customerConsentRoutes(app, parts);
  customerProposalRoutes(app, parts);
  customerMandateRoutes(app, parts);
  customerOfferRoutes(app, parts);
  customerRewardRoutes(app, parts);
  demoCodeRoute(app, parts, issuer);
}

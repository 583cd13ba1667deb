// Loyalty over HTTP.
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../routes.ts';
import { campaignRoutes } from './campaigns.ts';
import { catalogueRoutes } from './catalogue.ts';
import { claimRoutes } from './claims.ts';
import { liabilityRoutes } from './liability.ts';
import { memberRoutes } from './members.ts';
import { programRoutes } from './programs.ts';
import { redemptionRoutes } from './redemptions.ts';

export function loyaltyRoutes(app: FastifyInstance, parts: Parts): void {
  programRoutes(app, parts);
  memberRoutes(app, parts);
  liabilityRoutes(app, parts);
  catalogueRoutes(app, parts);
  redemptionRoutes(app, parts);
  campaignRoutes(app, parts);
  claimRoutes(app, parts);
}

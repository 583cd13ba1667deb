// Offers over HTTP.
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../routes.ts';
import { actionRoutes } from './actions.ts';
import { batchRoutes } from './batches.ts';
import { engagementRoutes } from './customer.ts';
import { dashboardRoutes } from './dashboard.ts';
import { experimentRoutes } from './experiments.ts';
import { offersRoutes } from './offers.ts';
import { sessionRoutes } from './session.ts';

export function offerRoutes(app: FastifyInstance, parts: Parts): void {
  actionRoutes(app, parts);
  sessionRoutes(app, parts);
  offersRoutes(app, parts);
  engagementRoutes(app, parts);
  experimentRoutes(app, parts);
  dashboardRoutes(app, parts);
  batchRoutes(app, parts);
}

// Loyalty over HTTP.
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../routes.ts';

export function loyaltyRoutes(_app: FastifyInstance, _parts: Parts): void {}

// Offers over HTTP.
import type { FastifyInstance } from 'fastify';
import type { Parts } from '../routes.ts';

export function offerRoutes(_app: FastifyInstance, _parts: Parts): void {}

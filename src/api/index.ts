// The door of the API.
export { createTenant, issueKey } from './administration.ts';
export { asyncApi, eventSchema, eventTypes } from './event-types.ts';
export { type ApiOptions, createApi } from './server.ts';

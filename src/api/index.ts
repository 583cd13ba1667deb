// The door of the API.
export { createInstallation, createTenant, operatorSecret } from './tenants.ts';
export { asyncApi, eventSchema, eventTypes } from './event-types.ts';
export { type ApiOptions, createApi } from './server.ts';

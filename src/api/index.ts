// The door of the API.
export {
  createBankOnce,
  createInstallation,
  createTenant,
  operatorSecret,
} from './tenants.ts';
export { consoleTypes } from './console-types.ts';
export { asyncApi, eventSchema, eventTypes } from './event-types.ts';
export { type ApiOptions, createApi } from './server.ts';
export { openToolHost } from './tool-host.ts';
export { ticketsOf } from './tickets.ts';
export { demoUsersFile, readSignIn } from './sign-in/configuration.ts';
export type { DemoUser } from './sign-in/demo-users.ts';

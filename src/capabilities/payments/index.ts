// The door of payments: from an order to what has become of it.
export {
  type Chain,
  expectState,
  type Link,
  movementIds,
  readChain,
} from './chain.ts';
export {
  paymentEvents,
  paymentEventTypes,
  type PaymentPayload,
  paymentPayloads,
  type Stepped,
} from './events.ts';
export { expirePayment, type GoOnParts, releasePayment, resumePayment } from './go-on.ts';
export { authorization, initiation, reserves } from './orders.ts';
export {
  type AuthorizationBody,
  type ClearingBody,
  type IncrementBody,
  type Order,
  type OrderBody,
  paymentChannels,
  type PaymentBody,
  paymentKinds,
  paymentOutcomes,
  paymentSchemas,
  paymentStatuses,
  type ReturnBody,
  type ReturnKind,
  returnKinds,
} from './payment.ts';
export { registeredFacts, worthAtHome } from './registered.ts';
export { paymentProjection, type PaymentStep, type Standing } from './projection.ts';
export {
  cancellation,
  clearing,
  expiry,
  increment,
  paymentService,
  representation,
  resumption,
  sendBack,
  type Step,
} from './steps.ts';
export {
  listUnpaid,
  type OrderMetadata,
  readFirstSteps,
  readOrderMetadata,
  readStepsOf,
} from './told.ts';
export { returnFacts, undoneFacts } from './undone.ts';
export {
  countPayments,
  listPayments,
  paymentFacets,
  type PaymentFilter,
  type PaymentView,
  readPayment,
  readPaymentsOf,
} from './view.ts';

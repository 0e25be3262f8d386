import { webhookOperations } from '../billing/webhook-operations.ts'
import { leadOperations } from '../leads/operations.ts'
import { insightOperations, siteBillingOperations } from '../operators/insight-operations.ts'
import { operatorOperations } from '../operators/operations.ts'
import { operatorSignInOperations } from '../operators/sign-in-operations.ts'
import { rolloutOperations } from '../releases/operations.ts'
import { reportOperations } from '../reports/operations.ts'
import { publicOperations } from '../signup/operations.ts'
import { credentialsOperations } from '../sites/hand-over/operations.ts'
import { logOperations } from '../sites/logs/operations.ts'
import { ownerOperations } from '../sites/operations.ts'
import { webhookEndpointOperations } from '../webhooks/operations.ts'

/** Every operation of the API. */
export const api = {
  ...publicOperations,
  ...ownerOperations,
  ...operatorOperations,
  ...operatorSignInOperations,
  ...insightOperations,
  ...siteBillingOperations,
  ...logOperations,
  ...rolloutOperations,
  ...leadOperations,
  ...reportOperations,
  ...credentialsOperations,
  ...webhookEndpointOperations,
  ...webhookOperations,
} as const

import { webhookOperations } from '../webhooks/webhook-operations.ts'
import { billingOperations } from './billing-operations.ts'
import { domainOperations } from './domain-operations.ts'
import { operatorOperations } from './operator-operations.ts'
import { ownerOperations } from './owner-operations.ts'
import { publicOperations } from './public-operations.ts'

/** Every operation of the API. */
export const api = {
  ...publicOperations,
  ...ownerOperations,
  ...billingOperations,
  ...domainOperations,
  ...operatorOperations,
  ...webhookOperations,
} as const

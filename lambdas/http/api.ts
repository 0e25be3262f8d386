import { billingOperations, webhookOperations } from './billing-operations.ts'
import { operatorOperations } from './operator-operations.ts'
import { domainOperations, ownerOperations } from './owner-operations.ts'
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

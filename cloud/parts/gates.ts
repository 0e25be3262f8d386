import { createBrakeStore } from '../../adapters/dynamodb/brake-store.ts'
import { billingFromRecord } from '../../core/billing/billing-from-record.ts'
import { brakeFromStore } from '../../core/brake/brake-from-store.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import type { OpenTables } from './tables.ts'

/** Whom the gates ask before anything is taken away. */
export const openGates = (tables: OpenTables, { plans }: { readonly plans: PlanCatalogue }) => ({
  billing: billingFromRecord(plans),
  brake: brakeFromStore(createBrakeStore(tables)),
})

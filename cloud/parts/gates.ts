import { createAccountStore } from '../../adapters/dynamodb/account-store.ts'
import { createBrakeStore } from '../../adapters/dynamodb/operator-controls.ts'
import { billingFromStripe } from '../../core/billing/billing-from-stripe.ts'
import { brakeFromStore } from '../../core/brake/brake-from-store.ts'
import type { deploymentOf } from '../deployment.ts'
import { openPayments } from './payments.ts'
import type { OpenTables } from './tables.ts'

/** What stops everything that is taken away. */
export const openBrake = (tables: OpenTables) => ({ brake: brakeFromStore(createBrakeStore(tables)) })

/** Whom the gates ask before anything is taken away. */
export const openGates = (
  environment: { readonly STRIPE_SECRET: string },
  tables: OpenTables,
  deployment: ReturnType<typeof deploymentOf>,
) => ({
  ...openBrake(tables),
  billing: billingFromStripe({
    ...deployment,
    accounts: createAccountStore(tables),
    payments: openPayments(environment, deployment),
  }),
})

import { randomBytes } from 'node:crypto'
import { inject } from 'vitest'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { openStore, type Store } from '../../local/open-store.ts'
// What it provides, for programs that compile this file without its setup.
import type {} from './shared-engine.ts'

/** The host's own store, empty, on the run's embedded engine. Disposing closes it. */
export const openTestStore = async (policies: TrialPolicies): Promise<Store & AsyncDisposable> => {
  const prefix = `test-${randomBytes(6).toString('hex')}`
  const store = await openStore(inject('engine'), { policies, prefix, onCommit: () => undefined })
  return { ...store, [Symbol.asyncDispose]: async () => store.close() }
}

import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { openStoreOn, type Store } from '../../local/open-store.ts'
import { quickClients } from './memory-table/quick-client.ts'

/** The host's own store, empty, in memory; test/adapters/dynamodb holds such tables against an engine. Disposing closes it. */
export const openTestStore = async (policies: TrialPolicies): Promise<Store & AsyncDisposable> => {
  const store = await openStoreOn(quickClients(), { policies, onCommit: () => undefined })
  return { ...store, [Symbol.asyncDispose]: async () => store.close() }
}

import { documentClient, dynamodbClient } from '../../adapters/dynamodb/client.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { openHome } from '../../local/home/open-home.ts'
import { openStoreOn } from '../../local/open-store.ts'
import config from '../../sitewright.config.ts'

export const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The stores on an engine of its own, whose client writes records that would take hours through the API. */
export const openBenchStore = async (directory: string) => {
  await using opening = new AsyncDisposableStack()
  const home = await openHome(directory)
  opening.defer(home.release)
  const address = await startEngine({ home, environment: process.env, log: silent })
  opening.defer(address.stop)
  const engine = dynamodbClient(address)
  const client = documentClient(engine)
  const policies = trialPolicies(config.trialPolicies)
  const store = await openStoreOn({ engine, client }, { policies, onCommit: () => undefined })
  opening.defer(store.close)
  const opened = opening.move()
  return { client, policies, store, [Symbol.asyncDispose]: () => opened.disposeAsync() }
}

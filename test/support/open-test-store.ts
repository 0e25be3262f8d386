import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TrialPolicies } from '../../core/site/trial-policies.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { openHome } from '../../local/home/open-home.ts'
import type { Store } from '../../local/open-store.ts'
import { openStore } from '../../local/open-store.ts'
import { unconfined } from './engine.ts'

const silent = { info: () => undefined, warn: () => undefined, error: () => undefined }

/** The host's own store on an embedded engine, empty, in a temporary home that disposing removes. */
export const openTestStore = async (policies: TrialPolicies): Promise<Store & AsyncDisposable> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-store-'))
  const home = await openHome(directory)
  const engine = await startEngine({ home, environment: process.env, log: silent, findConfinement: unconfined })
  const store = await openStore(engine, { policies, onCommit: () => undefined })
  return {
    ...store,
    [Symbol.asyncDispose]: async () => {
      store.close()
      await engine.stop()
      await home.release()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

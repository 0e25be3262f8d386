import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { findLeftovers } from '../../adapters/leftovers/find-leftovers.ts'
import { type EmbeddedEngineName, findDynamodbLocal, findDynoxide } from '../../local/engine/engine.ts'
import type { FindConfinement } from '../../local/engine/engine-place.ts'
import { startEngine } from '../../local/engine/start-engine.ts'
import { openHome } from '../../local/home/open-home.ts'
import { canTest } from './can-test.ts'

export interface TestEngine extends EngineAddress {
  readonly name: EmbeddedEngineName
  /** `kill -9`; it comes back by itself, at the same address and with what it had acknowledged. */
  readonly kill: () => Promise<void>
  /** Ends it and removes its directory. */
  readonly stop: () => Promise<void>
}

/** Starts an engine three times faster than a network namespace of its own does, which `test/local/engine` and the hosts of the end-to-end tests have. */
const unconfined: FindConfinement = async () => ({ impossible: 'a test needs no namespace' })

const silent = { info: () => {}, warn: () => {}, error: () => {} }

const finders = { dynoxide: () => findDynoxide(), 'dynamodb-local': findDynamodbLocal }

/** Whether this machine can run the engine. Where it cannot, one line says why; with `CI=true` that is an error. */
export const hasEngine = async (name: EmbeddedEngineName): Promise<boolean> => {
  const found = await finders[name](process.env)
  return canTest('program' in found, `${name} is not tested: it ${'missing' in found ? found.missing : ''}`)
}

/** Starts an engine on an empty directory of its own. */
export const startTestEngine = async (name: EmbeddedEngineName): Promise<TestEngine> => {
  const directory = await mkdtemp(join(tmpdir(), 'sitewright-store-'))
  const home = await openHome(directory)
  const remove = async (): Promise<void> => {
    await home.release()
    await rm(directory, { recursive: true, force: true })
  }
  try {
    const { PATH, JAVA_HOME } = process.env
    const environment = { PATH, JAVA_HOME, SITEWRIGHT_ENGINE: name }
    const { stop, ...engine } = await startEngine({ home, environment, log: silent, findConfinement: unconfined })
    return {
      ...engine,
      name,
      kill: async () => {
        for (const { pid } of await findLeftovers(home.id, 'engine')) process.kill(pid, 'SIGKILL')
      },
      stop: async () => {
        await stop()
        await remove()
      },
    }
  } catch (error) {
    await remove()
    throw error
  }
}

import type { TestProject } from 'vitest/node'
import type { EngineAddress } from '../../adapters/dynamodb/client.ts'
import { hasEngine, startTestEngine } from './engine.ts'

declare module 'vitest' {
  interface ProvidedContext {
    readonly engine: EngineAddress
  }
}

/** Starts the one engine on which `openTestStore` opens every store, with tables of its own. */
export default async ({ provide }: TestProject): Promise<() => Promise<void>> => {
  const name = (await hasEngine('dynoxide')) ? 'dynoxide' : 'dynamodb-local'
  const { stop, kill, ...engine } = await startTestEngine(name)
  provide('engine', engine)
  return stop
}

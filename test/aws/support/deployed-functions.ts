import { vi } from 'vitest'
import type { FunctionEntry } from '../../../lambdas/manifest/function-entry.ts'
import { functionEntries } from '../../../lambdas/manifest.ts'

type Handler = (event: unknown, context: unknown) => Promise<unknown>

export interface DeployedFunction {
  readonly name: string
  readonly entry: FunctionEntry
  readonly handler: Handler
}

/** The handlers as they are deployed, made anew: each reads the environment on its first call. */
export const loadDeployedFunctions = async (): Promise<readonly DeployedFunction[]> => {
  vi.resetModules()
  return Promise.all(
    functionEntries.map(async ([name, entry]) => {
      const { handler } = (await import(`../../../cloud/functions/${name}.ts`)) as { handler: Handler }
      return { name, entry, handler }
    }),
  )
}

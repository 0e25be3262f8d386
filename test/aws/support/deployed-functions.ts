import { vi } from 'vitest'
import type { LambdaHandler } from '../../../lambdas/_runtime/define-function.ts'
import { functions, isHttp, type ManifestFunction, tableAccess } from '../../../lambdas/manifest.ts'
import { openerOf } from '../../../lib/bundles.ts'

export interface DeployedFunction {
  readonly name: string
  readonly definition: ManifestFunction
  readonly handler: LambdaHandler
}

/** The handlers as they are deployed, made again: each reads the environment on its first call. */
export const loadDeployedFunctions = async (): Promise<readonly DeployedFunction[]> => {
  vi.resetModules()
  const capabilities: Record<string, unknown> = await import('../../../cloud/capabilities.ts')
  const { openerOfTables } = await import('../../../cloud/context.ts')
  const { deployedFunction } = await import('../../../cloud/deployed-function.ts')
  return Promise.all(
    functions.map(async (definition) => {
      const openers = definition.uses.flatMap((capability) => capabilities[openerOf(capability)] ?? [])
      const accesses = definition.uses.flatMap((capability) => tableAccess.get(capability) ?? [])
      if (accesses.length > 0) openers.push(openerOfTables(accesses))
      const origin = isHttp(definition) ? [capabilities['origin']] : []
      const handler = await deployedFunction(
        ...([definition, openers, ...origin] as unknown as Parameters<typeof deployedFunction>),
      )
      return { name: definition.name, definition, handler }
    }),
  )
}

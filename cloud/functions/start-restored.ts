import { create } from '../../lambdas/tasks/start-restored.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openLaunching } from '../parts/launching.ts'

export const handler = deployedFunction(environments['start-restored'], async (environment) =>
  create(await openLaunching(environment)),
)

import { create } from '../../lambdas/tasks/move-to-size.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openLaunching } from '../parts/launching.ts'
import { openProbe } from '../parts/probe.ts'

export const handler = deployedFunction(environments['move-to-size'], async (environment) => {
  const launching = await openLaunching(environment)
  return create({ ...launching, probe: openProbe(environment, launching.log) })
})

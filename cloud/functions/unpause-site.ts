import { create } from '../../lambdas/tasks/unpause-site.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openLaunching } from '../parts/launching.ts'
import { openProbe } from '../parts/probe.ts'

export const handler = deployedFunction(environments['unpause-site'], async (environment) => {
  const launching = await openLaunching(environment)
  return create({ ...launching, probe: openProbe(environment, launching.log) })
})

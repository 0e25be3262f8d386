import { create } from '../../lambdas/events/follow-task.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openProbe } from '../parts/probe.ts'
import { openRunningSites } from '../parts/running-sites.ts'

export const handler = deployedFunction(environments['follow-task'], async (environment) => {
  const running = openRunningSites(environment)
  return create({ ...running, probe: openProbe(environment, running.log) })
})

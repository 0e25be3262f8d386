import { create } from '../../lambdas/schedules/reconcile-sites.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openLaunching } from '../parts/launching.ts'
import { openProbe } from '../parts/probe.ts'
import { openWorkflows } from '../parts/workflows.ts'

export const handler = deployedFunction(environments['reconcile-sites'], async (environment) => {
  const launching = await openLaunching(environment)
  return create({
    ...launching,
    probe: openProbe(environment, launching.log),
    workflows: openWorkflows(environment),
    startsAtOnce: 4,
    isStopping: () => false,
  })
})

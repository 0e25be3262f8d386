import { create } from '../../lambdas/tasks/leave-old-size.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openLaunching } from '../parts/launching.ts'
import { openRequests } from '../parts/open-requests.ts'

export const handler = deployedFunction(environments['leave-old-size'], async (environment) =>
  create({ ...(await openLaunching(environment)), openRequests }),
)

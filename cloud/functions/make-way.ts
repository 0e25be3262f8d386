import { create } from '../../lambdas/tasks/make-way.ts'
import { deployedFunction } from '../deployed-function.ts'
import { environments } from '../environments.ts'
import { openRequests } from '../parts/open-requests.ts'
import { openRunningSites } from '../parts/running-sites.ts'

export const handler = deployedFunction(environments['make-way'], async (environment) =>
  create({ ...openRunningSites(environment), openRequests }),
)

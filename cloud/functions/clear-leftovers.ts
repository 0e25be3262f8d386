import { createQuarantine } from '../../adapters/dynamodb/quarantine.ts'
import { create } from '../../lambdas/schedules/clear-leftovers.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { openArchiver } from '../parts/archiver.ts'
import { openArchives } from '../parts/archives.ts'
import { openCells } from '../parts/cells.ts'
import { openBrake } from '../parts/gates.ts'
import { openLeftovers } from '../parts/leftovers.ts'
import { openPace } from '../parts/pace.ts'
import { openSites, openTables } from '../parts/tables.ts'
import { waiting } from '../parts/waiting.ts'

export const handler = deployedFunction(environments['clear-leftovers'], async (environment) => {
  const deployment = deploymentOf(environment)
  const tables = openTables(environment)
  const sites = openSites(tables, deployment.policies)
  return create({
    ...deployment,
    ...waiting,
    ...openBrake(tables),
    sites,
    quarantine: createQuarantine(tables),
    pace: openPace(tables, deployment),
    archiver: openArchiver(environment, { ...deployment, sites }),
    archives: openArchives(environment),
    leftovers: openLeftovers(deployment),
    startsAtOnce: 4,
    ...openCells(environment, { ...deployment, tables, sites }),
  })
})

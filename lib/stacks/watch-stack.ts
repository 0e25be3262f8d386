import type { Construct } from 'constructs'
import { Alarms } from '../constructs/watch/alarms.ts'
import { Budget } from '../constructs/watch/budget.ts'
import { watchCapacity } from '../constructs/watch/capacity-alarms.ts'
import { watchLives } from '../constructs/watch/life-alarms.ts'
import { Overview } from '../constructs/watch/overview.ts'
import {
  watchApi,
  watchDeadLetters,
  watchEdge,
  watchFunctions,
  watchMail,
  watchPublisher,
  watchTables,
  watchWorkflows,
} from '../constructs/watch/service-alarms.ts'
import { WatchedThings } from '../constructs/watch/watched-things.ts'
import { type Deployment, StageStack } from '../deployment.ts'
import type { ApiStack } from './api-stack.ts'
import type { EdgeStack } from './edge-stack.ts'

interface WatchStackProps {
  readonly edge: Pick<EdgeStack, 'alb' | 'routers'>
  readonly api: ApiStack
}

/** The alarms of all other stacks. It is a separate stack because CloudFormation allows 500 resources in one. */
export class WatchStack extends StageStack {
  constructor(scope: Construct, deployment: Deployment, { edge, api: { api } }: WatchStackProps) {
    const { names, stage } = deployment
    super(scope, deployment, 'watch', { description: 'Sitewright: alarms, and the page that says how it goes' })
    const things = new WatchedThings(this, 'Things', { names })
    const alarms = new Alarms(this, 'Alarms', { names, contact: stage.alarmContact })
    watchFunctions(alarms, things)
    watchWorkflows(alarms, things)
    watchDeadLetters(alarms, things)
    watchPublisher(alarms, things)
    watchApi(alarms, { api, things, names })
    watchLives(alarms, things, names.installation)
    watchCapacity(alarms, things, deployment)
    watchMail(alarms, names)
    watchTables(alarms, names)
    watchEdge(alarms, { loadBalancer: edge.alb, routers: edge.routers, names })
    new Overview(this, 'Overview', { names, alarms, api, things })
    const { budget } = stage
    if (budget !== undefined) {
      new Budget(this, 'Budget', { names, budget, contact: budget.contact ?? stage.alarmContact })
    }
  }
}

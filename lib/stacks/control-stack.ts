import type { Construct } from 'constructs'
import { BlueprintImages } from '../constructs/control/blueprint-images.ts'
import { DeadLetters } from '../constructs/control/dead-letters.ts'
import { EventPublisher, EventRouting } from '../constructs/control/event-routing.ts'
import { type ManifestFunction, ManifestFunctions } from '../constructs/control/manifest-functions.ts'
import { OperatorPool } from '../constructs/control/operator-pool.ts'
import { PushRole } from '../constructs/control/push-role.ts'
import { Workflows } from '../constructs/control/workflows.ts'
import { type Deployment, StageStack } from '../deployment.ts'
import type { DataStack } from './data-stack.ts'
import type { EdgeStack } from './edge-stack.ts'

interface ControlStackProps {
  readonly data: DataStack
  readonly edge: EdgeStack
}

/** The functions of the manifest, their workflows and events. */
export class ControlStack extends StageStack {
  readonly functions: readonly ManifestFunction[]

  constructor(scope: Construct, deployment: Deployment, { data, edge }: ControlStackProps) {
    const { names, stage } = deployment
    super(scope, deployment, 'control', { description: 'Sitewright: functions, workflows and events' })
    const deadLetters = new DeadLetters(this, 'DeadLetters', { names })
    const operators = new OperatorPool(this, 'Operators', { names, consoleHostname: stage.console.hostname })
    const functions = new ManifestFunctions(this, 'Functions', {
      deployment,
      stored: data,
      operators,
      customDomains: edge.customDomains,
    })
    const all = [...functions.all.values()]
    this.functions = all
    new Workflows(this, 'Workflows', { names, functions: all })
    new EventRouting(this, 'Events', {
      names,
      cells: stage.cells.map(({ name }) => name),
      functions: all,
      undelivered: deadLetters.of('undelivered'),
      failed: deadLetters.of('failed'),
    })
    new EventPublisher(this, 'Publisher', {
      publisher: functions.of('publish-events'),
      table: data.tables.main,
      unpublished: deadLetters.of('unpublished'),
    })
    new BlueprintImages(this, 'Images', deployment)
    const { role: opener } = functions.of('deployment-api').function
    if (opener !== undefined) new PushRole(this, 'Push', { names, opener })
  }
}

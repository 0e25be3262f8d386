import { EventBridgeClient } from '@aws-sdk/client-eventbridge'
import { createEventBridgeBus } from '../../adapters/eventbridge/event-bus.ts'
import { eventSource } from '../../core/events/event-names.ts'
import { create } from '../../lambdas/events/publish-events.ts'
import { deployedFunction } from '../deployed-function.ts'
import { deploymentOf } from '../deployment.ts'
import { environments } from '../environments.ts'
import { clientSettings } from '../parts/client-settings.ts'

export const handler = deployedFunction(environments['publish-events'], async (environment) => {
  const bus = createEventBridgeBus({
    client: new EventBridgeClient(clientSettings),
    busName: environment.EVENT_BUS,
    source: eventSource,
  })
  return create({ ...deploymentOf(environment), bus })
})

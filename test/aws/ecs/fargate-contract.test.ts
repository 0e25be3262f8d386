import { runtimeContract } from '../../adapters/runtime/contract.ts'
import { forFargate } from '../support/fargate-launch.ts'
import { openFargateStage } from '../support/fargate-stage.ts'

runtimeContract('Fargate', async () => {
  const { runtime, storage, aws, close } = await openFargateStage()
  return {
    runtime: {
      ...runtime,
      start: (launch) => runtime.start(forFargate(launch)),
      locate: (siteId, launch) => runtime.locate(siteId, launch && forFargate(launch)),
    },
    storage,
    directoryOf: aws.fargate.directoryOf,
    close,
  }
})

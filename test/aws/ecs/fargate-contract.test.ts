import { type OpenedRuntime, runtimeContract } from '../../adapters/runtime/contract.ts'
import { forFargate } from '../support/fargate-launch.ts'
import { openFargateStage } from '../support/fargate-stage.ts'

const openFargate = async (): Promise<OpenedRuntime> => {
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
}

runtimeContract('Fargate', openFargate, { checksHealth: false })

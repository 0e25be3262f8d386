import type { OwnSoftware } from '../../lambdas/deployments/deployment.ts'

/** For worlds in which nobody deploys software of their own. */
export const noSoftware: OwnSoftware = {
  pushAccess: async () => {
    throw new Error('nobody pushes here')
  },
  pin: async (blueprint) => blueprint,
  keepOnly: async () => undefined,
  remove: async () => undefined,
}

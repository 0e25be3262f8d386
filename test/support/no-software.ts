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

/** Credentials that no registry knows. */
export const playedAccess = {
  registry: 'r',
  repository: 'own/site',
  username: 'u',
  password: 'p',
  expiresAt: '2026-01-31',
  platform: 'linux/arm64',
}

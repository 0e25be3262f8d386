import type { Blueprint } from '../../../../core/blueprint/blueprint.ts'
import type { Owner } from '../../../../lambdas/accounts/account.ts'
import { reclaimScene } from '../../../support/reclaim-scene.ts'

const at = '2026-03-01T12:00:00.000Z'
const begun = { id: 'handover-site-1', kind: 'handover', fence: 1, startedAt: at, requestedAt: at } as const

const owner: Owner = {
  ...{ schemaVersion: 1, id: 'prsn_01jq3v5k8m0000000000000000', createdAt: at },
  ...{ email: 'ada@example.com', emailHash: 'x', name: 'Ada' },
}

/** A site of Ada that is being handed over to her. @param blueprint version 7 of `welcome`. */
export const handOverScene = async (blueprint: Blueprint) => {
  const reclaim = await reclaimScene()
  await reclaim.store.blueprints.publish(blueprint)
  const site = await reclaim.open({
    blueprint: { name: 'welcome', version: 7 },
    access: 'claimed',
    handOver: { status: 'pending' },
    operation: begun,
  })
  return { reclaim, site, accounts: { getOwner: async () => owner } }
}

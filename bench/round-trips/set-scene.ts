import { plusMilliseconds } from '../../core/instant.ts'
import { tokenHash } from '../../core/signup/verify-signup.ts'
import { finishBuild, noteReady } from '../../core/site/build/build-changes.ts'
import { requestSite } from '../../core/site/build/site-request.ts'
import type { SiteChange } from '../../core/site/change.ts'
import type { OwnerApi } from './open-owner-api.ts'

const minute = 60_000

/** Puts a finished site into the pool. It is never asked anything, so there need not be one behind it. */
export const addToPool = async ({ ports }: OwnerApi): Promise<void> => {
  const { sites, randomness, policies, plans, cell, offeredBlueprints } = ports
  const context = { actor: { kind: 'system' } as const, causationId: 'bench', ...ports }
  const commit = async <Change extends SiteChange>(change: Change): Promise<Change['after']> => {
    const result = await sites.commit(change)
    if (!result.done) throw new Error(`a site could not be put into the pool: ${result.obstacle}`)
    return change.after
  }
  const request = {
    id: randomness.id('site'),
    cell,
    plan: plans.trial.id,
    blueprint: { name: offeredBlueprints[0], version: 1 },
    policyVersion: policies.current.version,
  }
  const building = await commit(requestSite(request, context))
  const answering = noteReady(building, { host: '127.0.0.1', port: 20_000 }, context)
  if (answering === undefined) throw new Error('a new site answers already')
  await commit<SiteChange>(finishBuild(await commit(answering), policies.current, context))
}

/** Signs somebody in. @returns their token. */
export const signIn = async ({ ports }: OwnerApi): Promise<string> => {
  const { signups, randomness, clocks } = ports
  const token = randomness.token()
  const createdAt = clocks.wall()
  const dated = { schemaVersion: 1, createdAt, expiresAt: plusMilliseconds(createdAt, 15 * minute) } as const
  const email = 'somebody@example.com'
  const signup = { ...dated, id: randomness.id('sgn'), email, emailHash: 'bench', codeHash: 'bench', tries: 0 }
  await signups.create(signup)
  const personId = randomness.id('prsn')
  const session = { ...dated, tokenHash: tokenHash(token), personId, accountId: randomness.id('acct'), email }
  await signups.complete({ signup, session })
  return token
}

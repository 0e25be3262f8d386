import { randomBytes } from 'node:crypto'
import { createSiteSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryOf, oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import { toInstant } from '../../../core/instant.ts'
import type { PlanCatalogue } from '../../../core/plan/plan.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { launchOf } from '../../../lambdas/sites/run/prepare-launch.ts'

export interface ThrowAwaySite {
  readonly site: ActiveSite
  readonly launch: Launch
  /** For visitors, without a trailing slash. */
  readonly url: string
  /** The one-time password of its owner. */
  readonly password: string
  /** The same site with another version, on another data directory. */
  readonly launchOn: (next: Blueprint) => Promise<Launch>
}

/** A site as a trial has it, with an owner, that no store knows. */
export const throwAwaySite = async (
  blueprint: Blueprint,
  {
    plan,
    plans,
    domain,
    policyVersion,
    rootPublicKey,
  }: {
    readonly plan: string
    readonly plans: PlanCatalogue
    readonly domain: string
    readonly policyVersion: number
    readonly rootPublicKey: string
  },
): Promise<ThrowAwaySite> => {
  const { id } = createRandomness()
  const slug = `try-${randomBytes(4).toString('hex')}`
  const now = toInstant(new Date())
  const { handOver, ...entry } = entryOf(blueprint)
  const site: ActiveSite = {
    ...entry,
    // The gate is open: the hand-over is tried apart from it.
    ...(handOver && { handOver: { status: 'done', at: now } }),
    schemaVersion: 1,
    id: id('site'),
    version: 1,
    cell: 'local',
    plan,
    blueprint: { name: blueprint.name, version: blueprint.version },
    policyVersion,
    createdAt: now,
    completedSteps: [],
    generation: 1,
    status: 'active',
    ownership: { accountId: id('acct'), slug, hostname: `${slug}.${domain}`, name: 'A trial', since: now },
    trialEndsAt: toInstant(new Date(Date.now() + 14 * 86_400_000)),
    reminded: [],
    extensionsUsed: 0,
    archives: [],
  }
  // As behind the proxy that ends TLS for every public site.
  const siteUrl = (hostname: string): string => `https://${hostname}`
  const secrets = createSiteSecrets({ siteSecretKey: randomBytes(32).toString('base64url') })
  const launchAs = (version: Blueprint, generation: number): Promise<Launch> =>
    launchOf(
      {
        blueprints: { get: async () => version, standing: async () => undefined },
        plans,
        secrets,
        rootPublicKey,
        siteUrl,
      },
      { ...site, blueprint: { name: version.name, version: version.version }, generation },
    )
  const launch = await launchAs(blueprint, 1)
  const password = await secrets.valueOf(site.id, oneTimePassword)
  return { site, launch, url: siteUrl(site.ownership.hostname), password, launchOn: (next) => launchAs(next, 2) }
}

import { randomBytes } from 'node:crypto'
import { createSiteSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createSealedSecrets } from '../../../adapters/derived-secrets/sealed-secrets.ts'
import type { RootSigner } from '../../../adapters/entitlement/root-signer.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryOf, oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import type { Config } from '../../../core/config/config.ts'
import { toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { ActiveSite } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { launchOf } from '../../../lambdas/sites/run/prepare-launch.ts'

/** A site as a trial has it, with an owner, that no store knows. */
export const throwAwaySite = async (
  blueprint: Blueprint,
  { config, plan, domain }: { readonly config: Config; readonly plan: string; readonly domain: string },
  root: RootSigner,
) => {
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
    policyVersion: trialPolicies(config.trialPolicies).current.version,
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
  const siteSecretKey = randomBytes(32).toString('base64url')
  const secrets = createSiteSecrets({ siteSecretKey })
  const configured = {
    secretOpener: createSealedSecrets({ siteSecretKey }),
    configurations: { read: async () => undefined, list: async () => [], readGenerated: async () => undefined },
  }
  const rootPublicKey = await root.publicKey()
  const launchAs = (version: Blueprint, generation: number): Promise<Launch> => {
    const blueprints = { get: async () => version, status: async () => undefined }
    return launchOf(
      { blueprints, plans: planCatalogue(config.plans), secrets, ...configured, rootPublicKey, siteUrl },
      { ...site, blueprint: { name: version.name, version: version.version }, generation },
    )
  }
  return {
    site,
    launch: await launchAs(blueprint, 1),
    /** For visitors, without a trailing slash. */
    url: siteUrl(site.ownership.hostname),
    password: await secrets.valueOf(site.id, oneTimePassword),
    /** The same site with another version, on another data directory. */
    launchOn: (next: Blueprint) => launchAs(next, 2),
  }
}

export type ThrowAwaySite = Awaited<ReturnType<typeof throwAwaySite>>

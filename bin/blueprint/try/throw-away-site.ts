import { randomBytes } from 'node:crypto'
import { createSiteSecrets } from '../../../adapters/derived-secrets/derive-secret.ts'
import { createSealedSecrets } from '../../../adapters/derived-secrets/sealed-secrets.ts'
import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
import { createRandomness } from '../../../adapters/randomness.ts'
import type { Blueprint } from '../../../core/blueprint/blueprint.ts'
import { entryOf, oneTimePassword } from '../../../core/blueprint/handing-over.ts'
import type { Config } from '../../../core/config/config.ts'
import { toInstant } from '../../../core/instant.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import type { Launch } from '../../../core/ports/runtime.ts'
import type { ActiveSite, Endpoint } from '../../../core/site/site.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { launchOf } from '../../../lambdas/sites/run/prepare-launch.ts'
import { openDoor } from './door.ts'
import { followLogs, type LogLine } from './follow-logs.ts'
import { followStart, type Start, type StartOptions } from './follow-start.ts'
import type { Stage } from './stage.ts'

/**
 * A site as a trial has it, with an owner, that no store knows, and ways to start and visit it.
 * @param options.plan the id of its plan. @param options.domain the parent domain of its hostname.
 */
export const throwAwaySite = async (
  blueprint: Blueprint,
  stage: Pick<Stage, 'runtime' | 'storage'>,
  options: StartOptions & { readonly config: Config; readonly plan: string; readonly domain: string },
) => {
  const { config, plan, domain, print } = options
  const root = createRootSigner(generateRootKey())
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
  const launch = await launchAs(blueprint, 1)
  await stage.storage.prepare(launch)
  const lines: LogLine[] = []
  let endpoint: Endpoint | undefined
  let endLogs = async (): Promise<void> => undefined
  return {
    site,
    launch,
    /** For visitors, without a trailing slash. */
    url: siteUrl(site.ownership.hostname),
    password: await secrets.valueOf(site.id, oneTimePassword),
    /** The same site with another version, on another data directory. */
    launchOn: (next: Blueprint) => launchAs(next, 2),
    /** Prints its output until it is healthy or cannot become so. */
    start: async (of = launch): Promise<Start> => {
      const logs = followLogs(stage.runtime, of, print)
      endLogs = async () => void lines.push(...(await logs.end()))
      const start = await followStart(stage, of, options)
      endpoint = start.endpoint
      await (start.isHealthy ? logs.hush() : endLogs())
      return start
    },
    /** Reads the rest of the output of a start. The next one has a log of its own. */
    endLogs: () => endLogs(),
    /** What it has written until {@link endLogs}. */
    lines,
    /** Opens the router in front of it, wherever it runs at the moment. */
    openDoor: (of = blueprint) => openDoor(config, () => ({ ...site, ...(endpoint && { endpoint }) }), root, of),
  }
}

export type ThrowAwaySite = Awaited<ReturnType<typeof throwAwaySite>>

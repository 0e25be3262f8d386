import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import { defined } from '../../core/defined.ts'
import { refuse } from '../../core/errors.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import type { Archive } from '../../core/site/archive.ts'
import {
  type Act,
  type ActPorts,
  changeNamedSite,
  requireIdle,
  requireKept,
  startOperationSoon,
} from '../../core/site/change-site.ts'
import { refuseEnvironment } from '../../core/site/environment.ts'
import { dueStep } from '../../core/site/next-step.ts'
import { isLive, type KeptSite, type LiveSite } from '../../core/site/site.ts'
import type { AccountStore } from '../accounts/ports.ts'
import type { ConfigurationStore } from '../configuration/configuration.ts'
import { configurationOf } from '../configuration/read-configuration.ts'
import type { DomainStore } from '../domains/ports.ts'
import { beginArchiving } from '../endings/archive-site.ts'
import { copyOriginal, freshArchive } from '../rehearsals/begin-rehearsal.ts'
import { blueprintOf, type LaunchPorts } from '../sites/run/prepare-launch.ts'
import type { BundledSite } from './bundled-site.ts'

export interface ExportPorts extends ActPorts {
  readonly accounts: Pick<AccountStore, 'getOwner'>
  readonly blueprints: LaunchPorts['blueprints']
  readonly configurations: Pick<ConfigurationStore, 'read' | 'readGenerated'>
  readonly domains: Pick<DomainStore, 'listBySite'>
}

interface Exported {
  /** Null while the site is being copied. */
  readonly site: BundledSite | null
  /** The names of the secrets that are generated. */
  readonly secrets: string[]
  readonly sealed: {
    readonly generated: Readonly<Record<string, string>>
    readonly set: Readonly<Record<string, { readonly sealed: string; readonly version: number }>>
  }
}

const generatedNames = ({ containers, credentials = [], handOver }: Blueprint): readonly string[] => [
  ...new Set([
    ...containers.flatMap(({ secrets }) => secrets),
    ...credentials.map(({ name }) => name),
    ...(handOver?.hook?.secret === undefined ? [] : [handOver.hook.secret]),
  ]),
]

/** Begins to archive a site that has left. The sweep would: it is due. */
const archiveMoved = async (ports: ExportPorts, act: Act): Promise<void> => {
  const site = await changeNamedSite(ports, act, (found, context) => {
    if (found.status !== 'suspended' || found.operation !== undefined) return undefined
    const due = dueStep(found, ports.policies.find(found.policyVersion), ports.clocks.domain())
    return due?.step === 'archive' ? beginArchiving(found, context) : undefined
  })
  await startOperationSoon(ports, site)
}

/** In milliseconds. The command asks until there is a copy: each that fails would stop the site again. */
const copyReprieve = 10 * 60_000

const requireCopied = ({ clocks }: ExportPorts, { operation, copying: { failed } = {} }: LiveSite): void => {
  if (operation !== undefined || failed === undefined) return
  if (plusMilliseconds(failed.at, copyReprieve) <= clocks.wall()) return
  refuse(`The last copy of this site failed: ${failed.because}. Remove the cause, and try again after ten minutes.`)
}

/** Begins a copy if there is no archive of what the site has now. @returns undefined until there is one. */
const archiveToExport = async (ports: ExportPorts, act: Act, site: KeptSite): Promise<Archive | undefined> => {
  if (site.operation !== undefined && site.operation.kind !== 'copy' && site.operation.kind !== 'archive') {
    // A site that has left is suspended before it is archived.
    if (site.operation.kind === 'suspend') return undefined
    requireIdle(site)
  }
  if (site.status === 'archived') return site.archives[0]
  if (isLive(site)) {
    const fresh = freshArchive(site, ports.clocks.domain())
    if (fresh !== undefined) return fresh
    requireCopied(ports, site)
    await copyOriginal(ports, act)
    return undefined
  }
  if (site.suspendedBecause !== 'moved') return refuse('A suspended site has no archive yet. Resume it first.')
  if (site.heldSince !== undefined) return refuse('This site is on hold, so it is not archived. End the hold first.')
  await archiveMoved(ports, act)
  return undefined
}

const bundledSite = async (ports: ExportPorts, site: KeptSite, archive: Archive, blueprint: Blueprint) => {
  const { id: siteId, ownership, plan, access, handOver, credentials, trialEndsAt, contract } = site
  const [owner, configuration, domains] = await Promise.all([
    ports.accounts.getOwner(ownership.accountId),
    configurationOf(ports, siteId, site.configuration),
    ports.domains.listBySite(siteId),
  ])
  if (owner === undefined) return refuse('The owner of this site has closed the account.')
  const { slug, hostname, name } = ownership
  const described: BundledSite = {
    ...{ siteId, slug, hostname, name, plan, blueprint, archive, trialEndsAt },
    owner: { email: owner.email, ...(owner.name && { name: owner.name }) },
    variables: configuration?.variables ?? {},
    ...defined({ access, handOver, credentials, contract }),
    domains: domains.map((domain) => domain.hostname),
  }
  return { described, secrets: configuration?.secrets ?? {} }
}

/**
 * Says what a bundle holds of a site. Secrets are sealed: nothing here can open them.
 * @returns no site while it is being copied or archived; ask again.
 * @throws {SitewrightError} `NotFound`; `TransitionNotAllowed` for a site without data, a suspended one, before its hand-over, and just after a copy that failed;
 *   `OperationInProgress`; `VersionConflict`.
 */
export const exportSite = async (ports: ExportPorts, act: Act): Promise<Exported> => {
  const site = requireKept(await changeNamedSite(ports, act, () => undefined))
  refuseEnvironment(site, 'does not move to another installation')
  if (site.handOver !== undefined && site.handOver.status !== 'done') {
    refuse('The product of this site does not know its owner yet. Wait for the hand-over.')
  }
  const archive = await archiveToExport(ports, act, site)
  if (archive === undefined) return { site: null, secrets: [], sealed: { generated: {}, set: {} } }
  const blueprint = await blueprintOf(ports.blueprints, site)
  const { described, secrets } = await bundledSite(ports, site, archive, blueprint)
  const set = Object.entries(secrets).map(([name, { sealed, version }]) => [name, { sealed, version }] as const)
  const generated = (await ports.configurations.readGenerated(site.id)) ?? {}
  return {
    site: described,
    secrets: [...generatedNames(blueprint)],
    sealed: { generated, set: Object.fromEntries(set) },
  }
}

import { refuse } from '../../core/errors.ts'
import type { SiteId } from '../../core/ids.ts'
import { inOrder } from '../../core/in-order.ts'
import type { Clocks } from '../../core/ports/context.ts'
import { newestArchive } from '../../core/site/archive.ts'
import type { OwnerAct } from '../../core/site/change-site.ts'
import { isLive, type Site } from '../../core/site/site.ts'
import { configurationDue } from '../../core/site/site-facts.ts'
import { type Configuration, noValues } from '../configuration/configuration.ts'
import { addConfiguration } from '../configuration/seal-secrets.ts'
import { changesOf } from './data-changes.ts'
import { addDeployment, contentOf, type DeployPorts } from './deploy.ts'
import { type Deployment, type DeploymentStore, isOpen, ownBlueprint, runsVersion } from './deployment.ts'

/** The version of its configuration with which a site has the variables of an earlier one and the secrets of now: a new one, unless it has them. */
const variablesOf = async (
  { configurations, clocks }: Pick<DeployPorts, 'configurations' | 'clocks'>,
  siteId: SiteId,
  { then, inUse, to }: Readonly<Record<'then' | 'inUse' | 'to', number>>,
  { actor }: Pick<OwnerAct, 'actor'>,
): Promise<number> => {
  if (then === inUse) return inUse
  const versions = await configurations.list(siteId)
  const valuesOf = (number: number) => (number === 0 ? noValues : versions.find(({ version }) => version === number))
  const [wanted, present] = [valuesOf(then), valuesOf(inUse)]
  if (wanted === undefined) return refuse(`The variables of version ${to} are not kept any more. Deploy it again.`)
  if (inOrder(wanted.variables) === inOrder(present?.variables ?? {})) return inUse
  const changed = [...new Set([...Object.keys(wanted.variables), ...Object.keys(present?.variables ?? {})])]
  const version = (versions[0]?.version ?? 0) + 1
  const next: Configuration = {
    ...{ schemaVersion: 1, siteId, version, at: clocks.wall(), actor, reason: `Back to version ${to}`, basedOn: inUse },
    ...{ changed, variables: wanted.variables, secrets: present?.secrets ?? {} },
  }
  await addConfiguration({ configurations }, next)
  return version
}

/**
 * The way back from the version that a site runs to the one before it, and the configuration that this had at last.
 * It is none that the site went back from, or that it left for a copy of an earlier one.
 * @param known the newest ones.
 * @param data whether its data goes back too, where it has to.
 */
export const wayBack = async (
  {
    deployments,
    clocks,
  }: { readonly deployments: Pick<DeploymentStore, 'read'>; readonly clocks: Pick<Clocks, 'domain'> },
  site: Site,
  known: readonly Deployment[],
  data: boolean,
) => {
  const find = async ({ name, version }: Site['blueprint']): Promise<Deployment | undefined> =>
    name === ownBlueprint(site.id) && version > 0
      ? (known.find((one) => one.version === version) ?? (await deployments.read(site.id, version)))
      : undefined
  const present = await find(site.blueprint)
  let target = present
  while (target !== undefined && present !== undefined && runsVersion(target) >= runsVersion(present)) {
    const { version, replaced } = target
    target = replaced
      ? await find({ ...site.blueprint, version: replaced.version })
      : known.find((one) => one.status === 'live' && one.version < version)
  }
  if (target === undefined || present === undefined)
    return refuse('There is no earlier version that was live: there is nothing to go back to.')
  const to = runsVersion(target)
  // It had what the site had when the present version replaced it, also where that came back later.
  const left = await find({ ...site.blueprint, version: runsVersion(present) })
  const then = (left?.replaced ?? left ?? target).configuration
  if (!changesOf(left ?? present).breaks) return { target, then, back: { to } }
  // What another version between them has written, this one may not be able to use.
  const archives = (isLive(site) ? site.archives : []).map(async (one) => {
    const by = await find(one.blueprint)
    return by !== undefined && runsVersion(by) === to ? [one] : []
  })
  const archive = newestArchive((await Promise.all(archives)).flat(), { now: clocks.domain() })
  const why = `Version ${runsVersion(present)} may have changed the data, and version ${to} cannot use it.`
  if (archive === undefined)
    return refuse(`${why} There is no copy of the data from before: deploy a version that can use it.`)
  if (data) return { target, then, back: { to, archiveId: archive.id } }
  return refuse(
    `${why} With --data (\`"data": true\`) the data of ${archive.at} comes back too: what was written since then is lost to the site, and is kept as a copy.`,
  )
}

/**
 * Deploys the version before the present one again, with the variables that it had. Secrets stay as they are.
 * @throws {SitewrightError} as `deploy`; `TransitionNotAllowed` also without an earlier version, and if that cannot use the data.
 */
export const rollBack = (
  ports: DeployPorts,
  act: OwnerAct,
  { data, idempotencyKey: key }: { readonly data: boolean; readonly idempotencyKey?: string | undefined },
): Promise<Deployment> =>
  addDeployment(ports, act, { asked: { rollBack: data }, key }, async (site, known) => {
    const open = known.find(isOpen)
    if (open !== undefined) return refuse(`Version ${open.version} is being deployed. Wait for it.`)
    const inUse = configurationDue(site) ?? site.configuration ?? 0
    const { target, back, then = inUse } = await wayBack(ports, site, known, data)
    const configuration = await variablesOf(ports, site.id, { then, inUse, to: target.version }, act)
    const replaced = { version: site.blueprint.version, configuration: inUse }
    return { ...contentOf(target), back, configuration, replaced }
  })

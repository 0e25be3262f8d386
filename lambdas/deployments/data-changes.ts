import { inOrder } from '../../core/in-order.ts'
import type { Site } from '../../core/site/site.ts'
import { type Deployment, type DeploymentStore, ownBlueprint, runsVersion } from './deployment.ts'

type DataChanges = NonNullable<Deployment['changes']>

interface DeploymentsPort {
  readonly deployments: Pick<DeploymentStore, 'list'>
}

/** So many deployments of a site are looked at. What lies before them is not known. */
const maxRead = 100

const notKnown: DataChanges = { migrates: true, breaks: true }

const changesByItself = ({ blueprint: { release } }: Deployment): DataChanges => ({
  migrates: release?.migrates === true,
  breaks: release !== undefined && !release.backwardCompatible && (release.migrates || release.command !== undefined),
})

/** What a deployment does to data, with those that it skips. */
export const changesOf = (deployment: Deployment): DataChanges =>
  deployment.changes ?? (deployment.promotedFrom === undefined ? changesByItself(deployment) : notKnown)

const together = (all: readonly DataChanges[]): DataChanges => ({
  migrates: all.some(({ migrates }) => migrates),
  breaks: all.some(({ breaks }) => breaks),
})

const contentKey = ({ file, images, snapshot }: Deployment): string => inOrder([file, images, snapshot])

/**
 * What the versions do that a promotion skips: those of its source after the newest version of the site that the source had too, and all if it had none.
 * @param had those that ran on the site, newest first.
 */
const changesSkipped = async (
  { deployments }: DeploymentsPort,
  promotedFrom: NonNullable<Deployment['promotedFrom']>,
  had: readonly Deployment[],
): Promise<readonly DataChanges[]> => {
  const known = await deployments.list(promotedFrom.siteId, maxRead)
  const places = new Map(known.map((one) => [contentKey(one), one.version]))
  const since = had.map((one) => places.get(contentKey(one))).find((version) => version !== undefined) ?? 0
  const isKnown = known.some(({ version }) => version === promotedFrom.version)
  if (!isKnown || (since === 0 && known.length === maxRead)) return [notKnown]
  return known.filter(({ version }) => version > since && version <= promotedFrom.version).map(changesOf)
}

/**
 * What a deployment does to the data of a site: itself, those since the version whose software the site runs, also ones that did not work, and
 * those that a promotion skips.
 */
export const changesToData = async (
  ports: DeploymentsPort,
  { id, blueprint }: Pick<Site, 'id' | 'blueprint'>,
  deployment: Deployment,
): Promise<DataChanges> => {
  const known = await ports.deployments.list(id, maxRead)
  const isOwn = blueprint.name === ownBlueprint(id)
  const present = known.find(({ version }) => isOwn && version === blueprint.version)
  const from = present === undefined ? 0 : runsVersion(present)
  const isKnown = !isOwn || known.some(({ version }) => version === from)
  const had = known.filter(({ status, version }) => status === 'live' && version <= blueprint.version)
  const all = [
    changesByItself(deployment),
    ...known.filter(({ version }) => version > from && version < deployment.version).map(changesOf),
    ...(isKnown ? [] : [notKnown]),
    ...(isOwn && deployment.promotedFrom ? await changesSkipped(ports, deployment.promotedFrom, had) : []),
  ]
  return together(all)
}

/** What the first deployment of an environment does to data, for a site that it is promoted to: all that its source had done. */
export const changesOfFirst = async (
  ports: DeploymentsPort,
  { promotedFrom }: Pick<Deployment, 'promotedFrom'>,
): Promise<DataChanges | undefined> => promotedFrom && together(await changesSkipped(ports, promotedFrom, []))

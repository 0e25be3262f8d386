import { type Blueprint, requireDeployable } from '../../core/blueprint/blueprint.ts'
import { notFound, SitewrightError } from '../../core/errors.ts'
import type { PlanCatalogue } from '../../core/plan/plan.ts'
import { type HttpRoute, type OperatorPorts, operatorEndpoint } from '../_runtime/endpoint.ts'
import { operatorOperations as operations } from '../operators/operations.ts'
import { currentBlueprint, isHeldBack, notHeldBack, type RolloutStore } from '../releases/rollout.ts'
import { countReadySites } from '../sites/pool/fill-pool.ts'
import { type SubmitPorts, submitBlueprint } from './change-status.ts'
import type { BlueprintNames, BlueprintReader } from './ports.ts'
import { resolveOnBase } from './resolve-on-base.ts'

export interface OperatorBlueprintPorts extends Omit<SubmitPorts, 'plans'>, OperatorPorts {
  readonly plans: PlanCatalogue
  readonly blueprints: SubmitPorts['blueprints'] & Pick<BlueprintReader, 'versions'> & BlueprintNames
  readonly rollouts: Pick<RolloutStore, 'read'>
  readonly offeredBlueprints: readonly string[]
  readonly sites: Parameters<typeof countReadySites>[0]['sites']
  readonly capacities: Parameters<typeof countReadySites>[0]['capacities']
  readonly imagesArePinned?: true
  readonly requireOwnParts?: (blueprint: Blueprint) => Promise<void>
}

/** The containers that start as root. */
const capabilitiesOf = ({ containers }: Blueprint) =>
  containers.flatMap(({ name, capabilities }) =>
    capabilities === undefined ? [] : [{ container: name, capabilities }],
  )

const maxVersions = 10

const originOf = async ({ blueprints }: OperatorBlueprintPorts, origin: Blueprint['extends']) => {
  if (origin === undefined) return null
  const newest = (await blueprints.latest(origin.name))?.version
  return { ...origin, newest: newest ?? origin.version }
}

/** The offered blueprints in their order, and then the others. */
const namesOf = async ({ blueprints, offeredBlueprints }: OperatorBlueprintPorts): Promise<readonly string[]> => [
  ...new Set([...offeredBlueprints, ...(await blueprints.names('all'))]),
]

const statusView = async (ports: OperatorBlueprintPorts, name: string) => {
  const [published, status, ready, rollout] = await Promise.all([
    ports.blueprints.versions(name, maxVersions),
    ports.blueprints.status(name),
    countReadySites(ports, { blueprint: name }),
    ports.rollouts.read(name),
  ])
  const latest = published.at(-1)
  const current = notHeldBack(published, rollout) ?? (await currentBlueprint(ports, latest))
  const { draft, imageFailure } = status ?? {}
  return {
    name,
    current: current?.version ?? null,
    newest: latest?.version ?? null,
    versions: published.map(({ version }) => ({
      version,
      heldBack: isHeldBack(version, rollout),
      unavailable: imageFailure?.version === version,
    })),
    capabilities: current === undefined ? [] : capabilitiesOf(current),
    draft:
      draft === undefined
        ? null
        : {
            version: draft.blueprint.version,
            capabilities: capabilitiesOf(draft.blueprint),
            state: draft.state,
            submittedAt: draft.submittedAt,
            failures: draft.failures,
            failure: draft.soFar ?? draft.failure ?? null,
          },
    unavailable: imageFailure ?? null,
    pool: { ready },
    isOffered: ports.offeredBlueprints.includes(name),
    extends: await originOf(ports, latest?.extends),
  }
}

/** A deploy builds images, and the API does not. */
const withoutBuilds = (blueprint: Blueprint): Blueprint => ({
  ...blueprint,
  containers: blueprint.containers.map(({ build: _, ...container }) => container),
})

export const blueprintRoutes = (ports: OperatorBlueprintPorts): readonly HttpRoute[] => [
  operatorEndpoint(operations.operatorListBlueprints, ports, async () => ({
    body: { blueprints: await Promise.all((await namesOf(ports)).map((name) => statusView(ports, name))) },
  })),
  operatorEndpoint(operations.operatorListVersions, ports, async () => {
    const published = await Promise.all(
      (await namesOf(ports)).map(async (name) => (await ports.blueprints.versions(name, maxVersions)).toReversed()),
    )
    const versions = published
      .flat()
      .map(({ name, version, plans }) => ({ name, version, plans: plans?.slice() ?? null }))
    return { body: { versions } }
  }),
  operatorEndpoint(operations.operatorGetBlueprint, ports, async ({ params: { name, version } }) => {
    const blueprint = await ports.blueprints.get(name, version)
    return { body: { ...(blueprint ?? notFound(`There is no version ${version} of '${name}'.`)) } }
  }),
  operatorEndpoint(operations.operatorPublishBlueprint, ports, async ({ body }) => {
    const { extension } = body
    const blueprint =
      body.blueprint ??
      (extension && (await resolveOnBase(ports.blueprints, extension, `Blueprint '${extension.name}'`)))
    if (blueprint === undefined) throw new SitewrightError('InvalidRequest', 'There is no blueprint to publish.')
    await ports.requireOwnParts?.(blueprint)
    if (ports.imagesArePinned) requireDeployable(withoutBuilds(blueprint))
    const { name, version } = blueprint
    const state = await submitBlueprint({ ...ports, plans: ports.plans.plans }, blueprint, { again: true })
    if (state === 'older') {
      const message = `A later version of blueprint '${name}' than ${version} is current. Give it a higher number.`
      throw new SitewrightError('BlueprintInvalid', message, { fields: [{ path: 'version', message: 'is too low' }] })
    }
    return { status: 202, body: { name, version, state } }
  }),
]

import type { CellCount } from '../ports/site-lists.ts'
import type { CapacityUse } from './count-cells.ts'
import { addressesOf, type Stage } from './stage.ts'

/** Roles beside those of sites: functions, state machines, stacks and archiving jobs. */
const otherRoles = 100

/** Interfaces of routers, which a deploy doubles, and of endpoints and load balancers. */
const otherInterfaces = ({ router }: Stage): number => 2 * router.max + 20

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** What sites use of a stage's quotas. A cell counts as if all its sites had one kind of `outbound`. */
export const capacityUseOf = (stage: Stage, counts: readonly CellCount[]): readonly CapacityUse[] => {
  const { quotas, cells } = stage
  const all = sum(counts.map(({ sites }) => sites))
  return [
    { kind: 'roles', used: all + otherRoles, limit: quotas.roles },
    { kind: 'network-interfaces', used: all + otherInterfaces(stage), limit: quotas.networkInterfaces },
    { kind: 'cells', used: all, limit: sum(cells.map(({ sites }) => sites)) },
    ...counts.flatMap(({ cell, sites }): readonly CapacityUse[] => {
      const cidr = cells.find(({ name }) => name === cell)?.cidr ?? ''
      return [
        { kind: 'services', cell, used: sites, limit: quotas.services },
        { kind: 'addresses', cell, used: sites, limit: addressesOf(stage, cidr) },
      ]
    }),
  ]
}

interface Wanted {
  readonly maxLive: number
  readonly pool: number
  readonly cpu: number
}

/** Why a stage's quotas do not admit so many trials; a sentence each. */
export const quotaProblems = (stage: Stage, { maxLive, pool, cpu }: Wanted): readonly string[] => {
  const { quotas, cells, placesPerTrial } = stage
  const sites = Math.ceil(maxLive * placesPerTrial) + pool
  const needs = [
    ['sites in its cells (cells.sites)', sites, sum(cells.map((cell) => cell.sites))],
    // A replaced task overlaps with its successor.
    ['Spot vCPUs (quotas.spotVcpus)', Math.ceil(1.1 * sites * cpu), quotas.spotVcpus],
    ['IAM roles (quotas.roles)', sites + otherRoles, quotas.roles],
    ['network interfaces (quotas.networkInterfaces)', sites + otherInterfaces(stage), quotas.networkInterfaces],
  ] as const
  return needs
    .filter(([, needed, admitted]) => needed > admitted)
    .map(
      ([what, needed, admitted]) =>
        `${maxLive} live trials (maxLive) and ${pool} sites of the pool need ${needed} ${what}, and it has ${admitted}: ` +
        'lower maxLive of the stage, or have AWS raise the quota and enter it (docs/deploy.md, Quotas)',
    )
}

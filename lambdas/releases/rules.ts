import type { Blueprint } from '../../core/blueprint/blueprint.ts'
import type { Plan } from '../../core/plan/plan.ts'
import type { ChangeContext, SiteChange } from '../../core/site/lifecycle.ts'
import { isLive, type Site } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { rulesOfCell } from './cell-rules.ts'
import { type AnyRollout, type ChosenSite, isOfCell, type Rollout, type RolloutWalk } from './rollout.ts'
import { goesBack } from './rollout-changes.ts'
import { isCandidate, type SiteStanding, standingOf, upgradeOf } from './site-standing.ts'

/** What a roll-out does to single sites, by their records. Waves, pace, budget and pause are the same for all. */
export interface Rules {
  /** In the order in which a pass meets them. */
  readonly statuses: readonly RolloutWalk['status'][]
  /** How many passes meet all: some plans may go first. */
  readonly tiers: number
  readonly isCandidate: (site: Site) => boolean
  /** How a chosen site stands. */
  readonly standingOf: (site: Site | undefined, chosen: ChosenSite, now: string) => SiteStanding
  /** Begins what a site needs; undefined if it stands otherwise by now. @param cell where it has a place, if it leaves its cell. */
  readonly begin: (
    site: Site | undefined,
    chosen: ChosenSite,
    context: ChangeContext,
    cell?: string,
  ) => SiteChange | undefined
  /** Whether sites in use need a place in another cell. */
  readonly leaves: boolean
  /** How long a wave is watched, as its blueprint says. */
  readonly bakeSeconds: number
  /** Whether the sites go back by themselves when it halts. */
  readonly goesBack: boolean
  /** All published versions of its blueprint. */
  readonly versions: readonly Blueprint[]
}

const rulesOfVersion = (rollout: Rollout, versions: readonly Blueprint[], blueprint: Blueprint): Rules => {
  const course = { rollout, versions }
  return {
    statuses: ['active', 'asleep'],
    tiers: 1,
    isCandidate: (site) => isLive(site) && isCandidate(site, course),
    standingOf: (site, chosen, now) => standingOf(site, chosen, course, now),
    begin: (site, chosen, context) => upgradeOf(site, chosen, course, context),
    leaves: false,
    bakeSeconds: blueprint.release?.bakeSeconds ?? 600,
    goesBack: goesBack({ rollout, blueprint }),
    versions,
  }
}

export interface RulesPorts {
  readonly policies: TrialPolicies
  readonly plans: { readonly plans: readonly Plan[] }
}

/** The rules of a roll-out. @param versions of its blueprint; none for a cell. @returns undefined if its version is unknown. */
export const rulesOf = (ports: RulesPorts, rollout: AnyRollout, versions: readonly Blueprint[]): Rules | undefined => {
  if (isOfCell(rollout)) return rulesOfCell(ports, rollout)
  const blueprint = versions.find(({ version }) => version === rollout.to)
  return blueprint && rulesOfVersion(rollout, versions, blueprint)
}

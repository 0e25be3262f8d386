import * as z from 'zod'
import type { Config } from '../../core/config/config.ts'
import type { Stage } from '../../core/config/stage.ts'
import { profiles } from '../../core/config/stage-profile.ts'
import type { Plan } from '../../core/plan/plan.ts'

/** The inputs of the bill: one stage of a configuration, and the workflow that builds a site. */
export interface PricedStage {
  readonly config: Config
  readonly stageName: string
  readonly stage: Stage
  readonly trial: Plan
  /** The cheapest plan that is sold. */
  readonly paid: Plan
  /** The definition of the machine that builds a site, as Amazon States Language. */
  readonly provisioning: string
}

/** @throws {Error} if the configuration has no such stage, or no trial or paid plan. */
export const pricedStageOf = (config: Config, provisioning: string, name?: string): PricedStage => {
  const stageName = name ?? Object.keys(config.stages)[0]
  const stage = stageName === undefined ? undefined : config.stages[stageName]
  if (stageName === undefined || stage === undefined) {
    throw new Error(`sitewright.config.ts has no stage ${stageName ?? 'at all'}`)
  }
  const trial = config.plans.find(({ kind }) => kind === 'trial')
  const [paid] = config.plans
    .filter(({ kind }) => kind === 'paid')
    .toSorted((a, b) => (a.prices[0]?.amount ?? 0) - (b.prices[0]?.amount ?? 0))
  if (trial === undefined || paid === undefined) throw new Error('sitewright.config.ts needs a trial and a paid plan')
  return { config, stageName, stage, trial, paid, provisioning }
}

/** The same stage with `profile: small`. */
export const asSmall = (priced: PricedStage): PricedStage => ({
  ...priced,
  stage: { ...priced.stage, ...profiles.small, profile: 'small' },
})

/** The path of a setting of a plan. */
export const planSetting = ({ config }: PricedStage, plan: Plan, field: string): string =>
  `plans.${config.plans.findIndex(({ id }) => id === plan.id)}.${field}`

/** The path of a setting of the stage. */
export const stageSetting = ({ stageName }: PricedStage, field: string): string => `stages.${stageName}.${field}`

export const currentTrialPolicy = ({ config }: PricedStage) => {
  const policy = config.trialPolicies
    .filter(({ name }) => name === undefined)
    .toSorted((a, b) => b.version - a.version)[0]
  if (policy === undefined) throw new Error('sitewright.config.ts needs a trial policy')
  return policy
}

const machineSchema = z.object({
  StartAt: z.string(),
  States: z.record(
    z.string(),
    z.object({
      Next: z.string().optional(),
      Default: z.string().optional(),
      Choices: z.array(z.object({ Next: z.string() })).default([]),
    }),
  ),
})

/**
 * The states of an execution without failures, in order.
 * @param options.chooses whether it takes the first way of each choice, and not the default.
 * @throws {Error} if a state on the path is missing or repeated.
 */
export const happyPath = (definition: string, { chooses = false } = {}): readonly string[] => {
  const { StartAt, States } = machineSchema.parse(JSON.parse(definition))
  const path: string[] = []
  const after = ({ Next, Default, Choices }: NonNullable<(typeof States)[string]>): string | undefined =>
    Next ?? (chooses ? Choices[0]?.Next : Default)
  for (let name: string | undefined = StartAt; name !== undefined; ) {
    const state: (typeof States)[string] | undefined = States[name]
    if (state === undefined || path.includes(name)) throw new Error(`the path ${path.join(', ')} has no end at ${name}`)
    path.push(name)
    name = after(state)
  }
  return path
}

/** The states of such an execution that are calls: a choice is none. */
export const happyTasks = (definition: string): readonly string[] => {
  const { States } = machineSchema.parse(JSON.parse(definition))
  return happyPath(definition).filter((name) => States[name]?.Default === undefined)
}

import * as z from 'zod'
import { leadPolicySchema } from '../../lambdas/leads/lead-facts.ts'
import { legalSchema, offerSchema } from '../../lambdas/offers/offer.ts'
import { offerProblems, trialProblems } from '../../lambdas/offers/offer-problems.ts'
import { auditPolicySchema } from '../../lambdas/operators/audit/audit-entry.ts'
import { wokenPolicySchema } from '../../lambdas/releases/woken.ts'
import { abusePolicySchema, maxGuessingChance, signupGuessingChance } from '../../lambdas/signup/abuse/abuse-policy.ts'
import { maxPooled, poolPolicySchema } from '../../lambdas/sites/pool/pool.ts'
import { sleepPolicySchema } from '../../lambdas/sleep/sleep-policy.ts'
import { ceilingsSchema } from '../../lambdas/trials/waiting-list/waiting-entry.ts'
import { emailSchema } from '../email.ts'
import { ConfigError } from '../errors.ts'
import { planSchema } from '../plan/plan.ts'
import { trialPolicySchema } from '../site/trial-policy.ts'
import { clientLimitsSchema } from './client-limits.ts'
import { fargateSizeProblem } from './fargate-size.ts'
import { quotaProblems } from './quotas.ts'
import { stageSchema } from './stage.ts'

const settingsSchema = z.strictObject({
  brand: z.string().min(1).max(60),
  /** The address that mails give for questions. */
  contact: emailSchema,
  /** Where one machine keeps the data of sites, as people read it, such as "Frankfurt, Germany". */
  dataLocation: z.string().min(1).max(100).optional(),
  /** Links of the pages. Whoever signs up on a page accepts `terms`, if there are any. */
  legal: legalSchema.prefault({}),
  /** The pool has sites of each. The first is the default of a sign-up. */
  offeredBlueprints: z.tuple([z.string()], z.string()).readonly(),
  /** In addition to the built-in ones. */
  reservedSlugs: z.array(z.string().regex(/^[a-z0-9-]+$/, 'must be a slug such as shop')).readonly(),
  pool: poolPolicySchema,
  trials: ceilingsSchema.default({ maxLive: 1000, maxNewPerHour: 1000 }),
  clients: clientLimitsSchema.prefault({}),
  abuse: abusePolicySchema,
  capacity: z
    .strictObject({
      /** The part of one machine's memory that stays free: below it, a site sleeps before another one wakes. */
      reserve: z.number().min(0).max(0.9).default(0.1),
    })
    .prefault({}),
  sleep: sleepPolicySchema.prefault({}),
  releases: z.strictObject({ woken: wokenPolicySchema.prefault({}) }).prefault({}),
  audit: auditPolicySchema.prefault({}),
  leads: leadPolicySchema.prefault({}),
  reports: z
    .strictObject({
      /**
       * For how many days the data set of reports keeps its rows, which name nobody. A yearly subscription has a row with its amount once a
       * year: with less, it would be missing from the revenue.
       */
      retentionDays: z.int().min(400).max(3660).default(1830),
      /** What a trial costs for each hour in which its site is awake, for the report `trial-cost`. */
      awakeHourCost: z.number().nonnegative().default(0.01),
    })
    .prefault({}),
  trialPolicies: z.array(trialPolicySchema).min(1).readonly(),
  plans: z.array(planSchema).min(1).readonly(),
  /** The markets beside the installation's own (docs/offers.md). */
  offers: z.array(offerSchema).max(50).readonly().default([]),
  /** Deployments to AWS, by name. */
  stages: z.record(
    z
      .string()
      .regex(/^[a-z][a-z0-9]{1,11}$/, 'must be 2 to 12 lower-case letters and digits, the first a letter')
      // The domain of the operators' pool has it, and Cognito refuses these.
      .regex(/^(?!.*(aws|amazon|cognito))/, "must not contain 'aws', 'amazon' or 'cognito'"),
    stageSchema,
  ),
})

/** Deployed sizes must exist at Fargate; one machine takes any size. */
const configSchema = settingsSchema.superRefine((settings, context) => {
  for (const { path, message } of [...trialProblems(settings), ...offerProblems(settings)]) {
    context.addIssue({ code: 'custom', path: [...path], message })
  }
  const chance = signupGuessingChance(settings.abuse)
  if (chance > maxGuessingChance) {
    const message = `must allow fewer mails a day: with these, a code of one of 1,000 addresses is guessed in a day with a chance of ${chance.toPrecision(2)}, and at most ${maxGuessingChance} is allowed`
    context.addIssue({ code: 'custom', path: ['abuse', 'mails', 'address'], message })
  }
  if (Object.keys(settings.stages).length === 0) return
  settings.plans.forEach(({ size }, index) => {
    const problem = fargateSizeProblem(size)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['plans', index, 'size'], message: problem })
  })
  const awake = settings.plans.find(
    ({ kind, sleepAfterMinutes }) => kind === 'trial' && sleepAfterMinutes === undefined,
  )
  const cpu = Math.max(0, ...settings.plans.flatMap(({ kind, size }) => (kind === 'trial' ? size.cpu : [])))
  for (const [name, stage] of Object.entries(settings.stages)) {
    const wanted = {
      maxLive: stage.maxLive ?? settings.trials.maxLive,
      pool: maxPooled({ ...settings.pool, target: stage.poolTarget ?? settings.pool.target }),
      cpu,
    }
    for (const message of quotaProblems(stage, wanted)) {
      context.addIssue({ code: 'custom', path: ['stages', name, 'quotas'], message })
    }
    if (stage.placesPerTrial < 1 && awake !== undefined) {
      const message = `must be 1: trials of the plan '${awake.id}' never sleep (sleepAfterMinutes), so each of them has a place`
      context.addIssue({ code: 'custom', path: ['stages', name, 'placesPerTrial'], message })
    }
    const problem = fargateSizeProblem(stage.router)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['stages', name, 'router'], message: problem })
  }
})
export type Config = z.infer<typeof configSchema>

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )

/** One line for each wrong place and each unknown field. */
const linesOf = (input: unknown, issue: z.core.$ZodIssue): readonly string[] => {
  const line = (path: readonly PropertyKey[], message: string) =>
    `  ${path.join('.')}: ${message} (it is ${JSON.stringify(valueAt(input, path))})`
  if (issue.code === 'invalid_key') {
    return issue.issues.map(({ message }) => `  ${issue.path.join('.')}: the name ${message}`)
  }
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => line([...issue.path, key], 'is an unknown field'))
    : [line(issue.path, issue.message)]
}

/** @throws {ConfigError} with each wrong path, its value and what is allowed. */
export const defineConfig = (input: z.input<typeof configSchema>): Config => {
  const result = configSchema.safeParse(input)
  if (result.success) return result.data
  const lines = result.error.issues.flatMap((issue) => linesOf(input, issue))
  throw new ConfigError(`sitewright.config.ts is not valid:\n${lines.join('\n')}`)
}

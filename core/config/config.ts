import * as z from 'zod'
import { abusePolicySchema } from '../abuse/abuse-policy.ts'
import { ConfigError } from '../errors.ts'
import type { Size } from '../plan/plan.ts'
import { planSchema } from '../plan/plan.ts'
import { poolPolicySchema } from '../pool/pool.ts'
import { trialPolicySchema } from '../site/trial-policy.ts'
import { ceilingsSchema } from '../waiting-list/waiting-entry.ts'
import { stageSchema } from './stage.ts'

const settingsSchema = z.strictObject({
  /** What mails and pages call the product. */
  brand: z.string().min(1).max(60),
  /** Where owners write to; mails name it. */
  contact: z.email('must be an e-mail address'),
  /** Blueprints that visitors may choose; the first is the one that the pool holds. */
  offeredBlueprints: z.tuple([z.string()], z.string()).readonly(),
  /** Names that no site may have, besides those that are always reserved. */
  reservedSlugs: z.array(z.string()).readonly(),
  pool: poolPolicySchema,
  trials: ceilingsSchema.default({ mostLive: 1000, mostNewPerHour: 1000 }),
  abuse: abusePolicySchema,
  trialPolicies: z.array(trialPolicySchema).min(1).readonly(),
  plans: z.array(planSchema).min(1).readonly(),
  /** Deployments to AWS, by name. One machine needs none. */
  stages: z.record(
    z.string().regex(/^[a-z][a-z0-9]{1,11}$/, 'must be 2 to 12 lower-case letters and digits'),
    stageSchema,
  ),
})

/** Whatever is deployed has to fit what Fargate offers; one machine takes any size. */
const configSchema = settingsSchema.superRefine((settings, context) => {
  if (Object.keys(settings.stages).length === 0) return
  settings.plans.forEach(({ size }, index) => {
    const problem = fargateSizeProblem(size)
    if (problem !== undefined) context.addIssue({ code: 'custom', path: ['plans', index, 'size'], message: problem })
  })
  for (const [name, { router }] of Object.entries(settings.stages)) {
    const problem = fargateSizeProblem(router)
    if (problem !== undefined) {
      context.addIssue({ code: 'custom', path: ['stages', name, 'router'], message: problem })
    }
  }
})
export type Config = z.infer<typeof configSchema>

const valueAt = (input: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined),
    input,
  )

/** One line for each place; a field too many is such a place, and not all that stands beside it. */
const linesOf = (input: unknown, issue: z.core.$ZodIssue): readonly string[] => {
  const line = (path: readonly PropertyKey[], message: string) =>
    `  ${path.join('.')}: ${message} (it is ${JSON.stringify(valueAt(input, path))})`
  return issue.code === 'unrecognized_keys'
    ? issue.keys.map((key) => line([...issue.path, key], 'is not known here'))
    : [line(issue.path, issue.message)]
}

/** @throws {ConfigError} that names each wrong path, its value and what is allowed. */
export const defineConfig = (input: z.input<typeof configSchema>): Config => {
  const result = configSchema.safeParse(input)
  if (result.success) return result.data
  const lines = result.error.issues.flatMap((issue) => linesOf(input, issue))
  throw new ConfigError(`sitewright.config.ts is not valid:\n${lines.join('\n')}`)
}

const gibibytes = (from: number, to: number, step = 1): readonly number[] =>
  Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, index) => (from + index * step) * 1024)

/**
 * The memory, in MiB, that Fargate offers with each CPU size, in cores. Source: the Amazon ECS Developer Guide, "Task
 * definition parameters for Fargate", task size; the two largest sizes need steps that this table keeps.
 */
const memoryByCpu: ReadonlyMap<number, readonly number[]> = new Map([
  [0.25, [512, 1024, 2048]],
  [0.5, gibibytes(1, 4)],
  [1, gibibytes(2, 8)],
  [2, gibibytes(4, 16)],
  [4, gibibytes(8, 30)],
  [8, gibibytes(16, 60, 4)],
  [16, gibibytes(32, 120, 8)],
])

/** What is wrong with a size on Fargate, which sells CPU and memory in pairs; undefined where it is offered. */
export const fargateSizeProblem = ({ cpu, memoryMiB }: Pick<Size, 'cpu' | 'memoryMiB'>): string | undefined => {
  const offered = memoryByCpu.get(cpu)
  if (offered === undefined) return `Fargate has ${[...memoryByCpu.keys()].join(', ')} CPUs, not ${cpu}`
  if (offered.includes(memoryMiB)) return undefined
  return `with ${cpu} CPUs Fargate offers ${offered.join(', ')} MiB, not ${memoryMiB}`
}

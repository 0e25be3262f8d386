import * as z from 'zod'
import { idSchema } from '../../../core/ids.ts'
import { type HealthAnswer, healthFailures } from '../../../core/ports/probes.ts'
import { type Observation, outputBounds } from '../../../core/ports/runtime.ts'
import { causes } from '../../../core/site/causes.ts'

const instant = z.iso.datetime({ precision: 3 })

export const healthAnswerSchema = z.union([
  z.strictObject({ status: z.int(), location: z.string().exactOptional() }),
  z.strictObject({ failure: z.enum(healthFailures) }),
])

export const containerEndSchema = z.strictObject({
  exitCode: z.int().exactOptional(),
  signal: z.string().exactOptional(),
  isOutOfMemory: z.boolean().exactOptional(),
  reason: z.string().exactOptional(),
})

export const listenerSchema = z.strictObject({ port: z.int(), isLocal: z.boolean() })

const containerSchema = z.strictObject({
  name: z.string(),
  isRunning: z.boolean(),
  ends: z.int().nonnegative(),
  lastEnd: containerEndSchema.exactOptional(),
  lines: z.array(z.string()).readonly(),
})

const observationSchema = z.strictObject({
  containers: z.array(containerSchema).readonly(),
  port: z.int().exactOptional(),
  listeners: z.array(listenerSchema).readonly().exactOptional(),
  refusal: z.string().exactOptional(),
})

export const attemptsWithEvidence = ['build', 'restore', 'resize', 'upgrade', 'wake'] as const

/** What was known of a site when it failed to start. It is kept for {@link evidenceDays}. */
export const failureEvidenceSchema = z.strictObject({
  schemaVersion: z.literal(1),
  /** The operation and its attempt: a repeated task stores the same. */
  id: z.string(),
  siteId: idSchema('site'),
  at: instant,
  during: z.enum(attemptsWithEvidence),
  /** The name of the error that ended the attempt. */
  error: z.string(),
  cause: z.enum(causes),
  detail: z.string(),
  blueprint: z.strictObject({ name: z.string(), version: z.int() }),
  healthPath: z.string().exactOptional(),
  healthAnswer: healthAnswerSchema.exactOptional(),
  observation: observationSchema.exactOptional(),
})
export type FailureEvidence = z.infer<typeof failureEvidenceSchema>

export const failureSummarySchema = failureEvidenceSchema
  .omit({ healthPath: true, healthAnswer: true, observation: true })
  .strip()
export type FailureSummary = z.infer<typeof failureSummarySchema>

export const evidenceDays = 30

export const maxFailures = 10

/** All containers together, so that an item stays below DynamoDB's 400 KB. */
const maxBytes = 262_144

const shortestSecret = 8

/** Replaces the start of a secret where a text was cut within it. */
const withoutCutSecret = (text: string, secrets: readonly string[]): string => {
  const whole = text.endsWith('…') ? text.slice(0, -1) : text
  for (const secret of secrets) {
    for (let length = secret.length - 1; length >= shortestSecret; length -= 1) {
      if (whole.endsWith(secret.slice(0, length))) return `${whole.slice(0, -length)}…`
    }
  }
  return text
}

/** Replaces secrets by an ellipsis, longer ones first, because one may contain another. */
export const redacted = (text: string, secrets: readonly string[]): string => {
  const longestFirst = secrets
    .filter((secret) => secret.length >= shortestSecret)
    .toSorted((a, b) => b.length - a.length)
  const cleaned = longestFirst.reduce((rest, secret) => rest.replaceAll(secret, '…'), text)
  return withoutCutSecret(cleaned, longestFirst)
}

export const lastLines = (
  lines: readonly string[],
  { lines: max, bytes, lineLength }: { lines: number; bytes: number; lineLength: number } = outputBounds,
): readonly string[] => {
  const kept: string[] = []
  let size = 0
  for (const line of lines.slice(-max).toReversed()) {
    const cut = line.length > lineLength ? `${line.slice(0, lineLength)}…` : line
    size += Buffer.byteLength(cut) + 1
    if (size > bytes) break
    kept.push(cut)
  }
  return kept.toReversed()
}

/** Lines of one shape beyond this count are noise, such as a server's log of our health checks. */
const maxOfShape = 20

/** How many lines of such a shape are kept: the last ones. */
const keptOfShape = 3

/** Looks only where a run of digits and letters begins: from each of its characters, it would take the square of a line's length. */
const shapeOf = (line: string): string => line.replaceAll(/(?<![0-9a-f])[0-9a-f]*\d[0-9a-f]*/gi, '0')

/** Leaves out most lines that come again and again, so that the others fit. */
export const withoutRepetition = (lines: readonly string[]): readonly string[] => {
  const left = new Map<string, number>()
  for (const line of lines) left.set(shapeOf(line), (left.get(shapeOf(line)) ?? 0) + 1)
  const isNoise = new Set([...left].filter(([, count]) => count > maxOfShape).map(([shape]) => shape))
  return lines.filter((line) => {
    const shape = shapeOf(line)
    const count = left.get(shape) ?? 0
    left.set(shape, count - 1)
    return count <= keptOfShape || !isNoise.has(shape)
  })
}

/** Leaves out all but the last of what a program wrote again and again at the end, as one does that ends at each start. */
export const withoutRepeatedEnd = (lines: readonly string[]): readonly string[] => {
  const shapes = lines.map(shapeOf)
  for (let length = Math.floor(lines.length / 2); length > 0; length -= 1) {
    const isRepeated = shapes.slice(-length).every((shape, index) => shape === shapes.at(index - 2 * length))
    if (isRepeated) return withoutRepeatedEnd([...lines.slice(0, -2 * length), ...lines.slice(-length)])
  }
  return lines
}

export const boundedObservation = (
  { containers, refusal, ...rest }: Observation,
  secrets: readonly string[],
): Observation => ({
  ...rest,
  ...(refusal === undefined ? {} : { refusal: redacted(refusal, secrets).slice(0, outputBounds.lineLength) }),
  containers: containers.map((container) => ({
    ...container,
    lines: lastLines(
      container.lines.map((line) => redacted(line, secrets)),
      { ...outputBounds, bytes: Math.min(outputBounds.bytes, Math.floor(maxBytes / containers.length)) },
    ),
  })),
})

export const answerWithout = (answer: HealthAnswer, secrets: readonly string[]): HealthAnswer =>
  'status' in answer && answer.location !== undefined
    ? { ...answer, location: redacted(answer.location, secrets) }
    : answer

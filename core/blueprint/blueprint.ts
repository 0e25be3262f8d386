import * as z from 'zod'
import { SitewrightError } from '../errors.ts'
import { wakeTimesSchema } from '../sleep/wake-times.ts'

const dnsLabel = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens')
const environmentName = z
  .string()
  .regex(/^[A-Z][A-Z0-9_]{0,63}$/, 'must be upper-case letters, digits and underscores')
  .refine((name) => !name.startsWith('SITEWRIGHT_'), 'names that start with SITEWRIGHT_ are set by Sitewright')
  .refine((name) => !['PORT', 'DATA_DIRECTORY'].includes(name), 'is set by Sitewright')
const absolutePath = z.string().regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path')

const containerSchema = z.strictObject({
  name: dnsLabel,
  image: z.string().min(1).max(300),
  /** Where the image is built if an engine lacks it, relative to the blueprint's file. */
  build: z.strictObject({ context: z.string(), dockerfile: z.string().default('Dockerfile') }).optional(),
  /** How it runs as a plain process, for the processes runtime. `directory` is relative to the file. */
  process: z
    .strictObject({ command: z.array(z.string().min(1)).min(1).readonly(), directory: z.string().default('.') })
    .optional(),
  command: z.array(z.string()).readonly().optional(),
  environment: z.record(environmentName, z.string()).default({}),
  /** Random values made for each site, passed as environment variables. */
  secrets: z.array(environmentName).readonly().default([]),
  /** The container's share of the plan's size, relative to the others. */
  share: z.number().positive().max(100).default(1),
})
export type BlueprintContainer = z.infer<typeof containerSchema>

export const blueprintSchema = z
  .strictObject({
    name: dnsLabel,
    version: z.int().positive().max(1_000_000),
    title: z.string().min(1).max(100),
    description: z.string().max(1000).default(''),
    containers: z.array(containerSchema).min(1).max(8).readonly(),
    /** The container that gets the traffic. It listens on `PORT`. */
    traffic: z.strictObject({
      container: dnsLabel,
      healthPath: z
        .string()
        .regex(/^\/\S*$/, 'must start with / and hold no spaces')
        .default('/'),
      /** Until the health path must answer with a 2xx status. */
      startSeconds: z.int().min(1).max(900).default(60),
      /** How long its WebSockets may be silent, where that is longer than the configuration says. */
      webSocketIdleSeconds: z.int().min(10).max(600).optional(),
    }),
    /** `exclusive` data is used by one task at a time; `shared` data tolerates two while tasks are swapped. */
    data: z.strictObject({ directory: absolutePath.default('/data'), mode: z.enum(['exclusive', 'shared']) }),
    /** Whether its containers may reach the internet. Only the router reaches them. */
    outbound: z.enum(['none', 'internet']).default('none'),
    /** `never`: its sites run also while nobody uses them, for work of their own. */
    sleep: z.literal('never').optional(),
    /** `owner`: the owner of a site may read its output, and not operators alone. */
    logs: z.literal('owner').optional(),
    /** When its sites wake although nobody visits them. */
    wakeOn: wakeTimesSchema.optional(),
    /** Features that a plan can turn on; informative only. */
    features: z.array(dnsLabel).readonly().default([]),
  })
  .superRefine((blueprint, context) => {
    const names = blueprint.containers.map(({ name }) => name)
    if (new Set(names).size !== names.length) {
      context.addIssue({ code: 'custom', path: ['containers'], message: 'container names must be different' })
    }
    if (!names.includes(blueprint.traffic.container)) {
      context.addIssue({
        code: 'custom',
        path: ['traffic', 'container'],
        message: `no container is called '${blueprint.traffic.container}'; there are: ${names.join(', ')}`,
      })
    }
  })

/** What a site runs. A published version never changes. */
export type Blueprint = z.infer<typeof blueprintSchema>

/** For a record's key the message is one level deeper. */
const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message

/**
 * @param source names the origin in the message, such as a file's name.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake.
 */
export const parseBlueprint = (input: unknown, source: string): Blueprint => {
  const result = blueprintSchema.safeParse(input)
  if (result.success) return result.data
  const fields = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: messageOf(issue) }))
  const lines = fields.map(({ path, message }) => `  ${path || '(whole file)'}: ${message}`)
  throw new SitewrightError('BlueprintInvalid', `${source} is not a valid blueprint:\n${lines.join('\n')}`, { fields })
}

const pinned = /^[^@\s]+@sha256:[0-9a-f]{64}$/

/**
 * Requires every image to be pinned, so that nobody can replace it between two starts. A deploy pins the images that it builds.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake.
 */
export const requireDeployable = ({ name, containers }: Blueprint): void => {
  const fields = containers.flatMap(({ image, build }, index) =>
    build !== undefined || pinned.test(image)
      ? []
      : [
          {
            path: `containers.${index}.image`,
            message: `must be pinned by its digest, as image@sha256:…, or have a build (it is ${JSON.stringify(image)})`,
          },
        ],
  )
  if (fields.length === 0) return
  const lines = fields.map(({ path, message }) => `  ${path}: ${message}`)
  throw new SitewrightError('BlueprintInvalid', `blueprint '${name}' cannot be deployed to AWS:\n${lines.join('\n')}`, {
    fields,
  })
}

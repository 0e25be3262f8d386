import * as z from 'zod'
import { SitewrightError } from '../errors.ts'

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
  /** Where the image is built when an engine does not have it; relative to the blueprint's file. */
  build: z.strictObject({ context: z.string(), dockerfile: z.string().default('Dockerfile') }).optional(),
  /** How the same thing runs as a plain process; needed by the processes runtime. `directory` is relative to the file. */
  process: z
    .strictObject({ command: z.array(z.string().min(1)).min(1).readonly(), directory: z.string().default('.') })
    .optional(),
  command: z.array(z.string()).readonly().optional(),
  environment: z.record(environmentName, z.string()).default({}),
  /** Random values made for each site and handed over as environment variables. */
  secrets: z.array(environmentName).readonly().default([]),
  /** This container's part of the plan's size; parts are relative to each other. */
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
    /** The one container that the router sends visitors to. It listens on the port given to it as `PORT`. */
    traffic: z.strictObject({
      container: dnsLabel,
      healthPath: z
        .string()
        .regex(/^\/\S*$/, 'must start with / and hold no spaces')
        .default('/'),
      /** How long a start may take until the health path answers with a 2xx status. */
      startSeconds: z.int().min(1).max(900).default(60),
    }),
    /** `exclusive` data is open in one task at a time; `shared` data bears an overlap while a deploy swaps tasks. */
    data: z.strictObject({ directory: absolutePath.default('/data'), mode: z.enum(['exclusive', 'shared']) }),
    /** Whether its containers may reach the internet. Nothing from there reaches them but through the router. */
    outbound: z.enum(['none', 'internet']).default('none'),
    /** The product's features that a plan can turn on; for a reader, not a limit. */
    features: z.array(dnsLabel).readonly().default([]),
  })
  .superRefine((blueprint, context) => {
    const names = blueprint.containers.map(({ name }) => name)
    if (new Set(names).size !== names.length) {
      context.addIssue({ code: 'custom', path: ['containers'], message: 'every container needs a name of its own' })
    }
    if (!names.includes(blueprint.traffic.container)) {
      context.addIssue({
        code: 'custom',
        path: ['traffic', 'container'],
        message: `no container is called '${blueprint.traffic.container}'; there are: ${names.join(', ')}`,
      })
    }
  })

/** The versioned description of what a site runs. A published version never changes. */
export type Blueprint = z.infer<typeof blueprintSchema>

/** What is wrong with a record's key stands one level deeper. */
const messageOf = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message

/**
 * @param source names the origin in the message, such as a file's name.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each thing wrong.
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
 * Refuses what one machine may run and AWS may not: an image that somebody else could replace between two starts of a site. One
 * that a deploy builds gets its digest when it is published.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each thing wrong.
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

import * as z from 'zod'
import { maxProductEvents, productEventSchema } from '../../lambdas/reports/usage/product-events.ts'
import { wakeTimesSchema } from '../../lambdas/sleep/wake-times.ts'
import { type FieldProblem, SitewrightError } from '../errors.ts'
import { limitsSchema } from '../plan/plan.ts'
import {
  blueprintAccessSchema,
  blueprintCredentialsSchema,
  blueprintHandOverSchema,
  commandSchema,
  commandSecondsSchema,
  publicPagesSchema,
} from './handing-over.ts'
import { releaseChecksSchema } from './release-checks.ts'
import { startOrder } from './start-order.ts'
import { environmentName, variableProblems, variablesSchema } from './variables.ts'

export const dnsLabel = z.string().regex(/^[a-z][a-z0-9-]{0,30}$/, 'must be lower-case letters, digits and hyphens')
const fileName = z.string().regex(/^\w[\w.-]{0,99}$/, 'must be letters, digits, dots, hyphens and underscores')
/** Users above it exist nowhere: the largest that ECS takes. */
const largestId = 2_147_483_647
const absolutePath = z.string().regex(/^\/[A-Za-z0-9._/-]+$/, 'must be an absolute path')

/** What Docker, Podman and Fargate give a container unless it is dropped. */
const defaultCapabilities = [
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
] as const

const featureName = z
  .string()
  .regex(/^[a-z][a-zA-Z0-9-]{0,40}$/, 'must be letters, digits and hyphens, the first a lower-case letter')

const id = z.int().min(1, 'must not be root').max(largestId)
const dataOwnerSchema = z.strictObject({ uid: id, gid: id })
export type DataOwner = z.infer<typeof dataOwnerSchema>

export const containerSchema = z.strictObject({
  name: dnsLabel,
  image: z.string().min(1).max(300),
  /** Where the image is built if an engine lacks it, relative to the blueprint's file. */
  build: z.strictObject({ context: z.string(), dockerfile: z.string().default('Dockerfile') }).optional(),
  /** How it runs as a plain process, for the processes runtime. `directory` is relative to the file. */
  process: z
    .strictObject({
      command: z.array(z.string().min(1)).min(1).readonly(),
      directory: z.string().default('.'),
      /** Beside `environment`, and instead of its variables of the same names. */
      environment: z.record(environmentName, z.string()).optional(),
    })
    .optional(),
  command: z.array(z.string()).readonly().optional(),
  environment: z.record(environmentName, z.string()).default({}),
  /** Templates of files in `FILES_DIRECTORY`, which the container can only read. */
  files: z.record(fileName, z.string()).optional(),
  /** Directories besides `/tmp` that the container may write to; small, and not persistent. */
  writable: z.array(absolutePath).max(8).readonly().optional(),
  /** Subdirectories of the data directory that the container sees at other paths as well. */
  mounts: z
    .array(z.strictObject({ path: absolutePath, directory: fileName }))
    .min(1)
    .max(8)
    .readonly()
    .optional(),
  /** It starts as root with these, and gives its rights up itself. */
  capabilities: z.array(z.enum(defaultCapabilities)).min(1).readonly().optional(),
  /** Random values made for each site, passed as environment variables. */
  secrets: z.array(environmentName).readonly().default([]),
  /** Those of the blueprint's variables that it gets. */
  variables: z.array(environmentName).max(100).readonly().optional(),
  /** It starts once these are healthy, or have started where they have no `health`. */
  after: z.array(dnsLabel).min(1).readonly().optional(),
  /** A command in the container that succeeds once it is healthy. */
  health: z.strictObject({ command: z.array(z.string().min(1)).min(1).readonly() }).optional(),
  /** The container's share of the plan's size, relative to the others. */
  share: z.number().positive().max(100).default(1),
})
export type BlueprintContainer = z.infer<typeof containerSchema>

export const longestStartSeconds = 900

export const longestStopSeconds = 300

const defaultStopSeconds = 10

/** In seconds: how long the containers of a site get to end by themselves before they are ended. */
export const stopSecondsOf = ({ traffic }: { traffic: { stopSeconds?: number | undefined } }): number =>
  traffic.stopSeconds ?? defaultStopSeconds

/** For more, HTTP has bodies. */
export const maxFieldsKiB = 64

export const blueprintReference = z.strictObject({ name: dnsLabel, version: z.int().positive().max(1_000_000) })

export const blueprintSchema = z
  .strictObject({
    ...blueprintReference.shape,
    /** The version that it was resolved against; nothing else depends on it. */
    extends: blueprintReference.optional(),
    title: z.string().min(1).max(100),
    description: z.string().max(1000).default(''),
    containers: z.array(containerSchema).min(1).max(8).readonly(),
    /** What an administrator can set for one site. */
    variables: variablesSchema.optional(),
    /** The container that gets the traffic. It listens on `PORT`. */
    traffic: z.strictObject({
      container: dnsLabel,
      /** Where it listens if it cannot be told; `PORT` is this port then. */
      port: z.int().min(1).max(65_535).optional(),
      healthPath: z
        .string()
        .regex(/^\/\S*$/, 'must start with / and hold no spaces')
        .default('/'),
      /** What the health path answers once the site can serve; 2xx or 3xx by default. */
      healthStatus: z.int().min(100).max(599).optional(),
      /** Until the health path must answer so. */
      startSeconds: z.int().min(1).max(longestStartSeconds).default(60),
      /** How long containers get to end by themselves, {@link defaultStopSeconds} otherwise. */
      stopSeconds: z.int().min(1).max(longestStopSeconds).optional(),
      /** How long its WebSockets may be silent, where that is longer than the configuration says. */
      webSocketIdleSeconds: z.int().min(10).max(600).optional(),
      /** How long it may take to begin an answer; 60 by default. */
      answerSeconds: z.int().min(1).max(900).optional(),
      /** How large all header fields of a request may be, and those of an answer; 16 by default. */
      fieldsKiB: z.int().min(16).max(maxFieldsKiB).optional(),
    }),
    /** Whom the router lets in; `claimed` by default, which needs a `handOver`. */
    access: blueprintAccessSchema.optional(),
    handOver: blueprintHandOverSchema.optional(),
    /** Where everybody may do what looks like setting the product up, such as registering. */
    publicPages: publicPagesSchema.optional(),
    /** How its product learns of a custom domain: by a restart, by the claim hook, or by forwarded headers as always. */
    urlChange: z.enum(['headers', 'restart', 'hook']).optional(),
    credentials: blueprintCredentialsSchema.optional(),
    /** `exclusive` data is used by one task at a time; `shared` data tolerates two while tasks are swapped. */
    data: z.strictObject({
      directory: absolutePath.default('/data'),
      mode: z.enum(['exclusive', 'shared']),
      /** As whom its containers run and whose the data is; otherwise each site has a user of its own. */
      owner: dataOwnerSchema.optional(),
    }),
    /** Whether its containers may reach the internet. Only the router reaches them. */
    outbound: z.enum(['none', 'internet']).default('none'),
    /** `never`: its sites run also while nobody uses them, for work of their own. */
    sleep: z.literal('never').optional(),
    /** `owner`: the owner of a site may read its output, and not operators alone. */
    logs: z.literal('owner').optional(),
    /** `none`: owners see no bar of Sitewright in the product, also where its pages ask for one. */
    ownerBar: z.literal('none').optional(),
    wakeOn: wakeTimesSchema.optional(),
    /** What its answers may name in `sitewright-event`. Other names are not counted. */
    productEvents: z.array(productEventSchema).max(maxProductEvents).readonly().optional(),
    /** The ids of the plans that it is for; all by default. */
    plans: z.array(z.string().min(1).max(31)).min(1).readonly().optional(),
    /** What it needs of each of these plans: for all containers together, and of features and limits. */
    needs: z
      .strictObject({
        memoryMiB: z.int().positive().optional(),
        threads: z.int().positive().optional(),
        features: z.array(featureName).readonly().optional(),
        limits: limitsSchema.partial().optional(),
      })
      .optional(),
    /** How existing sites move to this version. */
    release: z
      .strictObject({
        /** It changes the data as it starts: it gets a verified copy of it, and its visitors are held meanwhile. */
        migrates: z.boolean().default(false),
        /** Runs once on the site's data before the version starts. If it fails, the upgrade does. */
        command: commandSchema.optional(),
        commandSeconds: commandSecondsSchema.optional(),
        /** The version before can use the data that this one has written, so that a failed bake time goes back by itself. */
        backwardCompatible: z.boolean().default(false),
        /** What it must answer before visitors reach it. */
        checks: releaseChecksSchema,
        /** How long a wave is watched before the next one. */
        bakeSeconds: z.int().min(0).max(86_400).default(600),
      })
      .optional(),
    /** Features that a plan can turn on; informative only. */
    features: z.array(featureName).readonly().default([]),
  })
  .superRefine((blueprint, context) => {
    const names = blueprint.containers.map(({ name }) => name)
    if (new Set(names).size !== names.length) {
      context.addIssue({ code: 'custom', path: ['containers'], message: 'container names must be different' })
    }
    const unknown = blueprint.containers.flatMap(({ after = [] }, index) =>
      after.filter((name) => !names.includes(name)).map((name) => ({ name, path: ['containers', index, 'after'] })),
    )
    if (!names.includes(blueprint.traffic.container)) {
      unknown.push({ name: blueprint.traffic.container, path: ['traffic', 'container'] })
    }
    for (const { name, path } of unknown) {
      const message = `no container is called '${name}'; there are: ${names.join(', ')}`
      context.addIssue({ code: 'custom', path, message, params: { given: name, allowed: names } })
    }
    const { container: visited, port = 1024 } = blueprint.traffic
    const rights = blueprint.containers.find(({ name }) => name === visited)?.capabilities ?? []
    if (port < 1024 && !rights.includes('NET_BIND_SERVICE')) {
      const message = `must be at least 1024, unless '${visited}' has NET_BIND_SERVICE in \`capabilities\`: only root may listen on it`
      context.addIssue({ code: 'custom', path: ['traffic', 'port'], message })
    }
    for (const { path, message } of variableProblems(blueprint)) {
      context.addIssue({ code: 'custom', path: path.split('.'), message })
    }
    const started = startOrder(blueprint).map(({ name }) => name)
    const stuck = names.filter((name) => !started.includes(name))
    if (unknown.length === 0 && stuck.length > 0) {
      const message = `these wait for each other: ${stuck.join(', ')}`
      context.addIssue({ code: 'custom', path: ['containers'], message })
    }
  })

/** What a site runs. A published version never changes. */
export type Blueprint = z.infer<typeof blueprintSchema>

/** For a record's key the message is one level deeper. */
export const issueMessage = (issue: z.core.$ZodIssue): string =>
  issue.code === 'invalid_key' ? (issue.issues[0]?.message ?? issue.message) : issue.message

/** @param source names the origin in the message, such as a file's name. @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake. */
export const parseBlueprint = (input: unknown, source: string): Blueprint => parseAs(blueprintSchema, input, source)

export const parseAs = <Schema extends z.ZodType>(schema: Schema, input: unknown, source: string): z.output<Schema> => {
  const result = schema.safeParse(input)
  if (result.success) return result.data
  const fields = result.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issueMessage(issue) }))
  throw invalid(`${source} is not a valid blueprint`, fields)
}

const invalid = (what: string, fields: readonly FieldProblem[]): SitewrightError => {
  const lines = fields.map(({ path, message }) => `  ${path || '(whole file)'}: ${message}`)
  return new SitewrightError('BlueprintInvalid', `${what}:\n${lines.join('\n')}`, { fields })
}

/** A quota of ECS, which cannot be raised. */
const maxInTask = 10
/** A load balancer answers 502 in place of an answer with more. */
const maxAnswerFieldsKiB = 32

const pinned = /^[^@\s]+@sha256:[0-9a-f]{64}$/

/**
 * Requires every image to be pinned, so that nobody can replace it between two starts, what fits into a task and through the load balancer, and no
 * `mounts`: an access point is mounted whole. A deploy pins the images that it builds.
 * @throws {SitewrightError} `BlueprintInvalid` with a line for each mistake.
 */
export const requireDeployable = ({ name, containers, traffic }: Blueprint): void => {
  const problem = (isThere: boolean, path: string, message: string) => (isThere ? [{ path, message }] : [])
  const unpinned = containers.flatMap(({ image, build }, index) => {
    const message = `must be pinned by its digest, as image@sha256:…, or have a build (it is ${JSON.stringify(image)})`
    return problem(build === undefined && !pinned.test(image), `containers.${index}.image`, message)
  })
  const mounted = containers.flatMap(({ mounts }, index) =>
    problem(mounts !== undefined, `containers.${index}.mounts`, 'Fargate mounts the data directory as a whole'),
  )
  const ours = containers.filter(({ files }) => files !== undefined).length + (traffic.port === undefined ? 0 : 1)
  const full = `a task has at most ${maxInTask} containers: these ${containers.length}, and ${ours} for \`files\` and \`port\``
  const large = `a load balancer passes on at most ${maxAnswerFieldsKiB} KiB`
  const fields = [
    ...unpinned,
    ...mounted,
    ...problem(containers.length + ours > maxInTask, 'containers', full),
    ...problem((traffic.fieldsKiB ?? 0) > maxAnswerFieldsKiB, 'traffic.fieldsKiB', large),
  ]
  if (fields.length > 0) throw invalid(`blueprint '${name}' cannot be deployed to AWS`, fields)
}

import * as z from 'zod'
import type { FieldProblem } from '../errors.ts'
import { isBeside } from '../site/environment.ts'
import type { SiteEntry } from '../site/hand-over.ts'

/** Who gets into a site: everybody once it is handed over, its owner alone, or everybody at once. */
export const blueprintAccessSchema = z.enum(['claimed', 'owner', 'public'])

/** Pages for everybody that look like a set-up page. */
export const publicPagesSchema = z
  .array(
    z
      .string()
      .regex(/^\/[!->@-~]+$/, 'must start with /, be more than that, and hold no spaces and no query')
      .max(200),
  )
  .min(1)
  .max(8)
  .readonly()

/** A command that runs in the traffic container instead of its own: templates of the place, without a shell. */
export const commandSchema = z.array(z.string().min(1).max(4000)).min(1).max(64).readonly()

/** Together with a start, within the time for which a workflow asks. */
export const commandSecondsSchema = z.int().min(1).max(600)

export const defaultCommandSeconds = 300

/** How the product learns who the owner is: by one of the two. */
export const blueprintHandOverSchema = z
  .strictObject({
    /** Where Sitewright posts the owner, and the secret that it sends as a bearer token. */
    hook: z
      .strictObject({
        path: z
          .string()
          .regex(/^\/[!-~]*$/, 'must start with / and hold no spaces')
          .max(500),
        secret: z.string().max(128).optional(),
      })
      .optional(),
    /** A command on the site's data. `environment` has templates of the owner's variables. */
    task: z
      .strictObject({
        command: commandSchema,
        /** Instead of `command` where the site runs as plain processes. */
        process: z.strictObject({ command: commandSchema }).optional(),
        environment: z.record(z.string().regex(/^[A-Za-z_]\w{0,127}$/), z.string().max(1000)).optional(),
        seconds: commandSecondsSchema.optional(),
        /** It works on an empty data directory: a site that has its owner before its first start need not be started twice. */
        beforeStart: z.literal(true).optional(),
      })
      .optional(),
  })
  .refine(({ hook, task }) => (hook === undefined) !== (task === undefined), 'must have either `hook` or `task`')

/** Generated secrets that the owner sees once. `user` may mention `${OWNER_EMAIL}`. */
export const blueprintCredentialsSchema = z
  .array(
    z.strictObject({
      name: z.string().max(128),
      label: z.string().min(1).max(100),
      user: z.string().min(1).max(200).optional(),
    }),
  )
  .max(8)
  .readonly()

export interface BlueprintEntry {
  readonly access?: z.infer<typeof blueprintAccessSchema> | undefined
  readonly handOver?: z.infer<typeof blueprintHandOverSchema> | undefined
  readonly credentials?: z.infer<typeof blueprintCredentialsSchema> | undefined
}

/** The name of the generated password that a site gets for its owner. */
export const oneTimePassword = 'SITEWRIGHT_ONE_TIME_PASSWORD'

/** What the record of a new site keeps of its blueprint's way in. */
export const entryOf = ({ access = 'claimed', handOver, credentials = [] }: BlueprintEntry): SiteEntry => ({
  ...(access === 'owner' || (access === 'claimed' && handOver !== undefined) ? { access } : {}),
  ...(handOver === undefined ? {} : { handOver: { status: 'pending' } }),
  ...(credentials.length === 0 ? {} : { credentials: { shownAt: null } }),
})

/**
 * What the record keeps of the way in after an upgrade: the gate of the new version. A hook that is new in it is for new owners, so the
 * gate does not wait for one that never ran: the site stays open, or with its owner alone. A gate that still waits stays, also where
 * an older version has no hand-over. What stands beside a site has its data: it stays private, whatever its version says.
 */
export const entryAfterUpgrade = (
  site: SiteEntry & Parameters<typeof isBeside>[0],
  blueprint: BlueprintEntry,
): Pick<SiteEntry, 'access' | 'credentials'> => {
  const { access: former, handOver, credentials } = site
  const entry = entryOf(blueprint)
  const waits = former !== undefined && handOver !== undefined && handOver.status !== 'done'
  const stays = waits && entry.access === undefined && blueprint.access !== 'public'
  const isForOthers = entry.access === 'claimed' && handOver === undefined
  const others = stays ? 'claimed' : isForOthers ? former : entry.access
  const access = isBeside(site) ? 'owner' : others
  const kept = credentials ?? entry.credentials
  return { ...(access && { access }), ...(kept && { credentials: kept }) }
}

const withoutHandOver =
  'must be `owner` or `public`, or there must be a `handOver`: with `claimed`, the default, strangers could get in before the owner'

/** Lists a gate that nothing would close until the product knows its owner, and names of secrets that no container has. */
export const handingOverProblems = ({
  containers,
  access = 'claimed',
  handOver,
  credentials = [],
}: BlueprintEntry & { containers: readonly { secrets: readonly string[] }[] }): readonly FieldProblem[] => {
  const known = new Set(containers.flatMap(({ secrets }) => secrets))
  const named = [
    ...(handOver?.hook?.secret === undefined ? [] : [{ path: 'handOver.hook.secret', name: handOver.hook.secret }]),
    ...credentials
      .map(({ name }, index) => ({ path: `credentials.${index}.name`, name }))
      .filter(({ name }) => handOver === undefined || name !== oneTimePassword),
  ]
  const unknown = named
    .filter(({ name }) => !known.has(name))
    .map(({ path, name }) => ({ path, message: `no container has a secret '${name}'` }))
  return access === 'claimed' && handOver === undefined
    ? [{ path: 'access', message: withoutHandOver }, ...unknown]
    : unknown
}

import { isIP } from 'node:net'
import { availableParallelism } from 'node:os'
import * as z from 'zod'
import { senderSchema } from '../core/email.ts'
import { registrableDomain } from '../core/hostname/registrable-domain.ts'
import { parseCells } from './cells/cell-settings.ts'
import { canonical } from './gateway/peer-user.ts'
import { StartUpError } from './home/start-up-error.ts'
import { stripeAccess, stripeEnvironment } from './stripe-access.ts'

const hostname = z
  .string()
  .regex(/^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/, 'must be a hostname')

const isHost = (text: string): boolean => URL.canParse(`http://${text}`) && new URL(`http://${text}`).host === text

/** A comma-separated list, empty by default. */
const listOf = (isEntry: (entry: string) => boolean, error: string) =>
  z
    .string()
    .transform((list) => list.split(',').map((entry) => entry.trim()))
    .refine((list) => list.every(isEntry), error)
    .default([])

/** Free disk that sites may not use, in MiB; 0 for none. */
export const diskReserveSchema = z.coerce.number().int().min(0).max(16_777_216).optional()

const maxRouters = 64

/** One for each core, where there are no more than can be asked for. */
export const usualRouters = (cores = availableParallelism()): number => Math.min(maxRouters, cores)

const environmentSchema = z.object({
  PORT: z.coerce.number().int().min(1).max(65_535).default(4000),
  /** The address to listen on; by default only this machine. */
  SITEWRIGHT_LISTEN: z.string().min(1).default('127.0.0.1'),
  SITEWRIGHT_RUNTIME: z.enum(['auto', 'containers', 'processes']).default('auto'),
  SITEWRIGHT_POOL_SIZE: z.coerce.number().int().min(0).max(10_000).optional(),
  SITEWRIGHT_DISK_RESERVE_MIB: diskReserveSchema,
  /** Cells on disks of their own, such as `fast=/mnt/fast,large=/mnt/large:named`; see docs/cells.md. */
  SITEWRIGHT_CELLS: z
    .string()
    .transform((text, context) => {
      const cells = parseCells(text)
      if (typeof cells !== 'string') return cells
      context.addIssue({ code: 'custom', message: cells })
      return z.NEVER
    })
    .default([]),
  /** The parent domain of sites: `<slug>.<domain>`. Any other than the default makes this a public host. */
  SITEWRIGHT_SITES_DOMAIN: hostname.default('localhost'),
  /** The address of the console for visitors. */
  SITEWRIGHT_CONSOLE_URL: z.url({ protocol: /^https?$/, error: 'must be an http or https address' }).optional(),
  /** The number of router processes; `service` where they run as a service of their own. */
  SITEWRIGHT_ROUTERS: z
    .union(
      [z.literal('service'), z.coerce.number().int().min(1).max(maxRouters)],
      `must be a number from 1 to ${maxRouters}, or 'service'`,
    )
    .default(usualRouters()),
  /** Proxies besides this machine whose `X-Forwarded-For` is trusted; IP addresses, comma-separated. */
  SITEWRIGHT_PROXIES: listOf((address) => isIP(address) !== 0, 'must be comma-separated IP addresses').transform(
    // They are compared with the addresses of connections, which may have a zone.
    (addresses) => addresses.map((address) => address.replace(/^[^%]+/, canonical)),
  ),
  /** Hosts that webhooks may reach by http and at addresses that are not public; comma-separated, with a port where it is not the usual one. */
  SITEWRIGHT_WEBHOOK_HOSTS: listOf(isHost, 'must be comma-separated hosts, such as localhost:3000'),
  /** Which accounts of this machine may use `/_local/`, if the host is not public. */
  SITEWRIGHT_LOCAL_USERS: z.enum(['own', 'all'], 'must be own or all').default('own'),
  /** The port of `/metrics`, for this machine alone; none by default. */
  SITEWRIGHT_METRICS_PORT: z.coerce.number().int().min(1).max(65_535).optional(),
  /** The folder of this installation's blueprints; `blueprints/` by default. */
  SITEWRIGHT_BLUEPRINTS: z.string().min(1).optional(),
  SITEWRIGHT_LOG: z.enum(['debug', 'info', 'warn', 'error', 'silent']).default('info'),
  SMTP_URL: z.url({ protocol: /^smtps?$/, error: 'must be an smtp:// or smtps:// address' }).optional(),
  MAIL_FROM: senderSchema.optional(),
  ...stripeEnvironment,
})

/** The address of a site for visitors, with the console's scheme and port. */
export const siteUrlBeside = (consoleUrl: string): ((hostname: string) => string) => {
  const { protocol, port } = new URL(consoleUrl)
  return (site) => `${protocol}//${site}${port === '' ? '' : `:${port}`}`
}

/** The names of this machine in addresses on it. */
export const localHostnames: readonly string[] = ['localhost', '127.0.0.1', '[::1]']

/** For an IP address, the address itself. */
const ownDomainOf = (name: string): string =>
  isIP(name.replace(/^\[|\]$/g, '')) === 0 ? registrableDomain(name) : name

/** Browsers treat all names below one registrable domain as one site: they share cookies between them. */
export const requireApart = (consoleHostname: string, sitesDomain: string, isPublic: boolean): void => {
  const domain = ownDomainOf(consoleHostname.replace(/\.$/, ''))
  if (!isPublic || domain !== ownDomainOf(sitesDomain)) return
  throw new StartUpError(
    `SITEWRIGHT_CONSOLE_URL and SITEWRIGHT_SITES_DOMAIN are both below ${domain}, where browsers let sites set cookies for ` +
      'the console: the console needs a different registrable domain from the sites',
  )
}

/** @throws {StartUpError} naming every invalid variable. Values are not repeated: some are secret. */
export const readSettings = (environment: NodeJS.ProcessEnv) => {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''))
  const result = environmentSchema.safeParse(given)
  if (!result.success) {
    const problems = result.error.issues.map(({ path, message }) => `${path.join('.')} ${message}`)
    throw new StartUpError(`these settings are not valid: ${problems.join('; ')}`)
  }
  const values = result.data
  const console = new URL(values.SITEWRIGHT_CONSOLE_URL ?? `http://localhost:${values.PORT}`)
  const sitesDomain = values.SITEWRIGHT_SITES_DOMAIN
  const isPublic = sitesDomain !== 'localhost' || !localHostnames.includes(console.hostname)
  if (isPublic && (sitesDomain === 'localhost' || values.SITEWRIGHT_CONSOLE_URL === undefined)) {
    throw new StartUpError('a public host needs both SITEWRIGHT_SITES_DOMAIN and SITEWRIGHT_CONSOLE_URL')
  }
  if (isPublic && console.protocol === 'http:') {
    throw new StartUpError('SITEWRIGHT_CONSOLE_URL of a public host must be an https address: sessions pass through it')
  }
  requireApart(console.hostname, sitesDomain, isPublic)
  return {
    port: values.PORT,
    listen: values.SITEWRIGHT_LISTEN,
    runtime: values.SITEWRIGHT_RUNTIME,
    routers: values.SITEWRIGHT_ROUTERS,
    poolSize: values.SITEWRIGHT_POOL_SIZE,
    diskReserveMiB: values.SITEWRIGHT_DISK_RESERVE_MIB,
    /** Cells beside the one in the home. */
    cells: values.SITEWRIGHT_CELLS,
    metricsPort: values.SITEWRIGHT_METRICS_PORT,
    sitesDomain,
    /** Without a trailing slash. */
    consoleUrl: console.origin,
    /** Whether strangers can reach it: then everything meant for one's own machine is absent. */
    isPublic,
    proxies: values.SITEWRIGHT_PROXIES,
    webhookHosts: values.SITEWRIGHT_WEBHOOK_HOSTS,
    localUsers: values.SITEWRIGHT_LOCAL_USERS,
    blueprints: values.SITEWRIGHT_BLUEPRINTS,
    logLevel: values.SITEWRIGHT_LOG,
    /** Whether Stripe takes payments: then the domain clock cannot be advanced. */
    hasStripeKey: values.STRIPE_SECRET_KEY !== undefined,
    /** Undefined without a key: then a stand-in replaces Stripe, unless the host is public. */
    stripe: stripeAccess(values, isPublic),
    smtp:
      values.SMTP_URL === undefined
        ? undefined
        : { url: values.SMTP_URL, from: values.MAIL_FROM ?? `no-reply@${console.hostname}` },
    siteUrl: siteUrlBeside(console.origin),
  }
}

export type Settings = Readonly<ReturnType<typeof readSettings>>

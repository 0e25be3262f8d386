import * as z from 'zod'
import { type Api, pauseBefore, Refusal, withRetries } from './api.ts'
import { Failure } from './failure.ts'

export const siteSchema = z.object({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  url: z.string(),
  status: z.string(),
  planName: z.string(),
  createdAt: z.string().optional(),
  operation: z.string().nullable(),
  storage: z.string().nullable(),
  downSince: z.string().nullable(),
  blueprint: z.object({ name: z.string(), version: z.int() }),
  progress: z.object({ percent: z.number() }),
  failure: z.object({ reason: z.string() }).optional(),
  deletion: z.object({ purgeAt: z.string().nullable(), revocable: z.boolean().optional() }).nullish(),
  environment: z
    .object({
      name: z.string(),
      siteId: z.string(),
      branch: z.string().nullish(),
      endsAt: z.string().nullable(),
      hasProductionData: z.boolean().optional(),
    })
    .optional(),
})
export type Site = z.infer<typeof siteSchema>

const pageSchema = z.object({ sites: z.array(siteSchema), cursor: z.string().optional() })

/** @param without the status in which a site has freed its name. @returns the site of a name; undefined if the account has none. */
export const findSite = async (
  api: Api,
  slug: string,
  without: readonly string[] = ['purged', 'failed'],
): Promise<Site | undefined> => {
  for (let cursor: string | undefined; ; ) {
    const page: z.infer<typeof pageSchema> = await api(
      { path: `/v1/sites${cursor === undefined ? '' : `?cursor=${encodeURIComponent(cursor)}`}` },
      pageSchema,
    )
    const found = page.sites.find((site) => site.slug === slug && !without.includes(site.status))
    if (found !== undefined || page.cursor === undefined) return found
    cursor = page.cursor
  }
}

/** @throws {Failure} if the account has no such site. */
export const requireSite = async (api: Api, slug: string): Promise<Site> => {
  const site = (await findSite(api, slug)) ?? (await findSite(api, slug, ['purged']))
  if (site !== undefined) return site
  throw new Failure('refused', `You have no site '${slug}'. Name one with --site, or make it with: sitewright deploy`)
}

export const deploymentSchema = z.object({
  id: z.string(),
  version: z.int(),
  status: z.string(),
  commit: z.string().nullish(),
  imported: z.string().optional(),
  cause: z.string().optional(),
  lines: z.array(z.string()).optional(),
})
export type Deployment = z.infer<typeof deploymentSchema>
const deploymentsSchema = z.object({ deployments: z.array(deploymentSchema) })

/** The deployments of a site, newest first. Software of vendors has none. */
export const deploymentsOf = async (api: Api, { id }: Site): Promise<readonly Deployment[]> =>
  (await api({ path: `/v1/sites/${id}/deployments` }, deploymentsSchema)).deployments

const containersSchema = z.object({
  containers: z.array(z.object({ name: z.string(), restarts: z.int(), lastEnd: z.string().nullable() })),
})

/** How often the containers of a site have ended since it started; undefined if its vendor does not say. */
export const restartsOf = async (api: Api, { id }: Site) =>
  api({ path: `/v1/sites/${id}/containers` }, containersSchema).then(
    ({ containers }) => containers.filter(({ restarts }) => restarts > 0),
    (error: unknown) => {
      if (error instanceof Refusal && error.ending === 'refused') return undefined
      throw error
    },
  )

export const restartsText = (
  restarts: readonly { readonly name: string; readonly restarts: number; readonly lastEnd: string | null }[],
): string =>
  restarts
    .map(({ name, restarts: times, lastEnd }) =>
      times === 1 ? `${name} once (${lastEnd})` : `${name} ${times} times, last: ${lastEnd}`,
    )
    .join('; ')

const usageSchema = z.object({
  storage: z.object({ usedBytes: z.int().nullable(), maxBytes: z.int() }),
  periods: z.array(
    z.object({
      requests: z.int(),
      errors: z.object({ client: z.int(), server: z.int() }),
      latency: z.array(z.object({ atMostMilliseconds: z.int().nullable(), answers: z.int() })),
    }),
  ),
})

const slowMilliseconds = 1000

const reasons: Readonly<Record<string, string>> = {
  building: 'it is being built',
  suspended: 'it is suspended: resume it in the console',
  archived: 'it is archived: restore it in the console',
  failed: 'it could not be built',
}

/** What to do about a site that is stopped: the console starts no environments, nor what was deleted. */
const stoppedBecause = ({ status, deletion, environment }: Site, command: string): string | undefined => {
  if (status !== 'suspended' && status !== 'archived') return undefined
  if (deletion?.revocable === false) return 'it is being deleted: contact us'
  const was = deletion ? 'it was deleted' : `it is ${status}`
  if (environment) return `${was}: ${command} env restore ${environment.name}`
  return deletion ? `${was}: cancel the deletion in the console` : undefined
}

/** Whether visitors get an answer, and otherwise why not. */
const reachOf = (site: Site, command: string) => {
  const { status, downSince, operation, failure, progress, environment } = site
  if (status === 'asleep') return { isReachable: true, because: 'it sleeps, and wakes with the next visitor' }
  if (status === 'active' && downSince === null) return { isReachable: true, because: null }
  const logs = environment ? `logs ${environment.name}` : 'logs'
  const since = downSince === null ? undefined : `it has not answered since ${downSince}: see ${command} ${logs}`
  const because = failure?.reason ?? stoppedBecause(site, command) ?? since ?? reasons[status] ?? `it is ${status}`
  const under =
    status === 'building' ? ` (${progress.percent} %)` : operation === null ? '' : `, and ${operation} is in progress`
  return { isReachable: false, because: `${because}${under}` }
}

/**
 * What a site is like now, with its deployments where it runs software of its own.
 * @param command the beginning of a command to type next.
 */
export const statusOf = async (api: Api, site: Site, command: string) => {
  const [{ storage, periods }, deployments, restarts] = await Promise.all([
    api({ path: `/v1/sites/${site.id}/usage?by=hour` }, usageSchema),
    deploymentsOf(api, site),
    restartsOf(api, site),
  ])
  const [newest] = deployments
  const last = periods.at(-1)
  const slow = (last?.latency ?? []).filter(
    ({ atMostMilliseconds }) => atMostMilliseconds === null || atMostMilliseconds > slowMilliseconds,
  )
  const { name, version } = site.blueprint
  return {
    site: site.slug,
    url: site.url,
    ...reachOf(site, command),
    version,
    // A site that nothing was deployed to yet runs a vendor's.
    blueprint: name.startsWith('site-') ? null : name,
    commit: deployments.find((one) => one.version === version)?.commit ?? null,
    newest: newest === undefined || newest.version === version ? null : newest,
    restarts: restarts ?? null,
    plan: site.planName,
    disk: storage,
    lastHour: {
      requests: last?.requests ?? 0,
      errors: last?.errors.server ?? 0,
      slowAnswers: slow.reduce((sum, { answers }) => sum + answers, 0),
    },
  }
}

const mebibytes = (bytes: number): string => `${Math.round(bytes / 2 ** 20)} MiB`

const newestText = ({ version, status, cause }: Deployment): string =>
  `${version}: ${{ proving: 'waits', deploying: 'is being started', 'went-back': 'did not work' }[status] ?? status}${cause === undefined ? '' : `. ${cause}`}`

export const statusText = (status: Awaited<ReturnType<typeof statusOf>>): string => {
  const { site, url, isReachable, because, version, blueprint, commit, newest, restarts, plan, disk, lastHour } = status
  const used = disk.usedBytes === null ? 'not measured yet' : mebibytes(disk.usedBytes)
  return [
    `${site} is ${isReachable ? 'reachable' : 'not reachable'}${because === null ? '' : `: ${because}`}`,
    `  address    ${url}`,
    `  version    ${version}${blueprint === null ? '' : ` of '${blueprint}'`}${commit === null ? '' : `, commit ${commit}`}`,
    ...(newest === null ? [] : [`  newest     ${newestText(newest)}`]),
    ...(restarts === null ? [] : [`  restarts   ${restartsText(restarts) || 'none since it started'}`]),
    `  plan       ${plan}`,
    `  disk       ${used} of ${mebibytes(disk.maxBytes)}`,
    `  last hour  ${lastHour.requests} requests, ${lastHour.errors} errors, ${lastHour.slowAnswers} answers slower than ${slowMilliseconds / 1000} s`,
  ].join('\n')
}

const logsSchema = z.object({
  containers: z.array(z.object({ container: z.string(), lines: z.array(z.string()) })),
  cursor: z.string(),
})

/** Yields the last lines of a site, and with `follow` what it writes from then on. */
export const logLines = async function* (api: Api, { id }: Site, { follow }: { readonly follow: boolean }) {
  let after = ''
  for (let check = 0; ; check += 1) {
    const request = { path: `/v1/sites/${id}/logs${after}` }
    // Following goes on after a moment without an answer.
    const { containers, cursor } = await (check === 0
      ? api(request, logsSchema)
      : withRetries(api, request, logsSchema))
    for (const { container, lines } of containers) for (const line of lines) yield { container, line }
    if (!follow) return
    after = `?after=${encodeURIComponent(cursor)}`
    await pauseBefore(check)
  }
}

const entranceSchema = z.object({ url: z.string(), expiresAt: z.string() })

/** A URL that lets the person into the site, once. */
export const entranceOf = (api: Api, { id }: Site) =>
  api({ method: 'POST', path: `/v1/sites/${id}/entrance` }, entranceSchema)

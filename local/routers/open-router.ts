import { randomUUID } from 'node:crypto'
import * as z from 'zod'
import { createEntitlementKeys } from '../../adapters/entitlement/entitlement-keys.ts'
import { blueprintSchema } from '../../core/blueprint/blueprint.ts'
import { viewerSchema } from '../../core/entitlement/viewer.ts'
import type { SiteId } from '../../core/ids.ts'
import { toInstant } from '../../core/instant.ts'
import { loosely } from '../../core/loosely.ts'
import { planCatalogue } from '../../core/plan/plan-catalogue.ts'
import type { Log } from '../../core/ports/context.ts'
import type { SiteDirectory } from '../../core/ports/site-lists.ts'
import { trialPolicies } from '../../core/site/trial-policy.ts'
import { createOffers } from '../../lambdas/offers/offers.ts'
import { wakeAnswerSchema } from '../../lambdas/sleep/wake-on-request.ts'
import { type CachedDirectory, createCachedDirectory } from '../../router/cached-directory.ts'
import { createRouter, type Router } from '../../router/create-router.ts'
import type { TrafficOfSites } from '../../router/site-traffic.ts'
import type { Turns } from '../../router/turns.ts'
import { isTrustedProxy, sourceIpOf } from '../gateway/http-event.ts'
import { siteUrlBeside } from '../settings.ts'
import type { HostLink } from './host-link.ts'
import { PeerAway } from './peer.ts'
import { foundSchema, sentUsage, type Terms } from './protocol.ts'

const nothing = z.undefined()

/** Waits with a site that it does not know while the host is away. */
const holdUnknown = (directory: SiteDirectory, link: HostLink): SiteDirectory => ({
  find: async (hostname, options) => {
    try {
      return await directory.find(hostname, options)
    } catch (error) {
      if (!(error instanceof PeerAway) || !(await link.untilBack())) throw error
      return directory.find(hostname, options)
    }
  },
})

/** Opens a router that finds sites, signs, and stores usage through its host. */
export const openRouter = ({
  terms,
  link,
  trafficOfSites,
  turns,
  log,
}: {
  readonly terms: Terms
  readonly trafficOfSites: TrafficOfSites
  readonly turns: Turns
  readonly link: HostLink
  readonly log: Log
}): { readonly router: Router; readonly directory: CachedDirectory } => {
  const { consoleUrl, isPublic, proxies, clients, rootPublicKey, visitorSecret } = terms
  const wall = () => toInstant(new Date())
  /** The sites whose disk is almost full, and those whose disk is not mounted. */
  const [short, away] = [new Set<SiteId>(), new Set<SiteId>()]
  const note = (told: Set<SiteId>, siteId: SiteId, isSo: boolean) =>
    void (isSo ? told.add(siteId) : told.delete(siteId))

  const cached = createCachedDirectory({
    lookup: async (hostname) => {
      const found = await link.call('find', hostname, foundSchema)
      const { site } = found
      if (site === undefined) return undefined
      note(short, site.id, found.isDiskShort)
      note(away, site.id, found.isDiskAway)
      return site
    },
    now: () => performance.now(),
  })
  const directory: CachedDirectory = { ...holdUnknown(cached, link), forget: cached.forget }

  const { signer, viewers, reachProofs } = createEntitlementKeys({
    root: {
      sign: async (content) =>
        Buffer.from(await link.callRepeatable('sign', content.toString('base64'), z.base64()), 'base64'),
      publicKey: async () => rootPublicKey,
    },
    clock: wall,
    seconds: () => Math.floor(Date.now() / 1000),
    log,
  })

  const router = createRouter({
    directory,
    signer,
    viewers,
    reachProofs,
    entrances: {
      use: (entrance, now) => link.callHeld('useEntrance', { ...entrance, now }, loosely(viewerSchema).optional()),
    },
    wall,
    plans: planCatalogue(terms.plans),
    policies: trialPolicies(terms.trialPolicies),
    offers: createOffers(terms.offers, consoleUrl),
    blueprints: {
      get: (name, version) => link.callRepeatable('blueprint', { name, version }, loosely(blueprintSchema).optional()),
    },
    clients,
    log,
    consoleUrl,
    brand: terms.brand,
    siteUrl: siteUrlBeside(consoleUrl),
    visitorProtocol: isPublic ? 'https' : undefined,
    isProxy: (address) => isTrustedProxy(address, proxies),
    visitorAddressOf: (request) => sourceIpOf(request, proxies),
    usage: {
      store: {
        addToHour: (report) => link.call('addToHour', { ...report, usage: sentUsage(report.usage) }, nothing),
        addToDay: (report) =>
          link.call(
            'addToDay',
            { ...report, usage: sentUsage(report.usage), sketch: Buffer.from(report.sketch).toString('base64') },
            nothing,
          ),
      },
      visitorSecret,
      flushMilliseconds: 1000 * terms.usageSeconds,
      router: randomUUID().slice(0, 8),
    },
    sleep: terms,
    wakes: {
      wake: (call) => link.callRepeatable('wake', call, wakeAnswerSchema),
      clientSecret: visitorSecret,
      limitLoopback: terms.limitLoopback,
    },
    trafficOfSites,
    turns,
    // The store is on this machine, so a lookup costs almost nothing.
    lookMilliseconds: 50,
    isDiskShort: (siteId) => short.has(siteId),
    isDiskAway: (siteId) => away.has(siteId),
  })
  return { router, directory }
}

import { gunzipSync, gzipSync } from 'node:zlib'
import * as z from 'zod'
import { clientLimitsSchema } from '../core/config/client-limits.ts'
import type { Config } from '../core/config/config.ts'
import type { Stage } from '../core/config/stage.ts'
import { defined } from '../core/defined.ts'
import { ConfigError } from '../core/errors.ts'
import { loosely } from '../core/loosely.ts'
import { planSchema } from '../core/plan/plan.ts'
import { planCatalogue } from '../core/plan/plan-catalogue.ts'
import type { Log } from '../core/ports/context.ts'
import { trialPolicies, trialPolicySchema } from '../core/site/trial-policy.ts'
import { offerSchema } from '../lambdas/offers/offer.ts'
import { createOffers, everyOffer, offersAt } from '../lambdas/offers/offers.ts'
import { sleepPolicySchema } from '../lambdas/sleep/sleep-policy.ts'

/** What routers read of the configuration. */
const settingsSchema = z.object({
  consoleUrl: z.url(),
  brand: z.string().optional(),
  sitesDomain: z.string().min(1),
  clients: clientLimitsSchema,
  sleep: sleepPolicySchema,
  trialPolicies: z.array(trialPolicySchema).min(1),
  plans: z.array(planSchema).min(1),
  offers: z.array(offerSchema),
})

/** Source: AWS Systems Manager, "Parameter Store quotas": the largest value of an advanced parameter. */
const maxCharacters = 8192

/** Packs what routers read into the text of a parameter. @throws {ConfigError} where it is too long. */
export const packRouterSettings = (
  { brand, clients, sleep, trialPolicies: policies, plans, offers }: Config,
  { console: { hostname, offerHostnames }, sites }: Pick<Stage, 'console' | 'sites'>,
): string => {
  const settings = {
    consoleUrl: `https://${hostname}`,
    brand,
    sitesDomain: sites.domain,
    clients,
    sleep,
    trialPolicies: policies,
    plans,
    // Texts and variants are for the pages, which routers do not serve.
    offers: offersAt(offers, offerHostnames).map(({ id, hostnames, paths, brand: { texts, legal, ...brand } }) => ({
      id,
      hostnames,
      paths,
      brand,
    })),
  }
  const text = gzipSync(JSON.stringify(settings)).toString('base64')
  if (text.length <= maxCharacters) return text
  throw new ConfigError(
    `sitewright.config.ts: plans, offers, trialPolicies, clients and sleep take ${text.length} characters of a parameter, and AWS allows ${maxCharacters}: have fewer plans or offers`,
  )
}

const unpack = (text: string) => {
  // A router of this release may start while the next one is deployed, whose fields it drops.
  const json: unknown = JSON.parse(gunzipSync(Buffer.from(text, 'base64')).toString())
  const { consoleUrl, brand, sitesDomain, clients, sleep, ...given } = loosely(settingsSchema).parse(json)
  // Within the offers, a changed name counts at once, as they do.
  const named = everyOffer(given.offers).map((offer) => ({
    ...offer,
    brand: { ...defined({ name: brand }), ...offer.brand },
  }))
  const offers = createOffers(named, consoleUrl)
  const policies = trialPolicies(given.trialPolicies)
  return { consoleUrl, sitesDomain, clients, sleep, offers, policies, plans: planCatalogue(given.plans) }
}

type Settings = ReturnType<typeof unpack>

/**
 * The settings of a router, whose plans, offers, policies and limits are at any time those that were read last.
 * @param read returns what the last deploy packed.
 * @throws whatever `read` throws, and for what is no such text: without settings a router cannot begin.
 */
export const followRouterSettings = async (read: () => Promise<string>, log: Pick<Log, 'info' | 'warn'>) => {
  let text = await read()
  let latest = unpack(text)
  const live = <Part extends object>(partOf: (settings: Settings) => Part): Part =>
    new Proxy(partOf(latest), { get: (_, name) => Reflect.get(partOf(latest), name) })
  return {
    ...latest,
    clients: live(({ clients }) => clients),
    offers: live(({ offers }) => offers),
    policies: live(({ policies }) => policies),
    plans: live(({ plans }) => plans),
    /** Checks whether there are others. Never rejects: what cannot be read changes nothing. */
    renew: async (): Promise<void> => {
      try {
        const next = await read()
        if (next === text) return
        // A wrong one is told once.
        text = next
        latest = unpack(next)
        log.info({ event: 'router-settings-changed' }, 'router: the configuration has changed')
      } catch (error) {
        log.warn(
          { event: 'router-settings-refused', err: error },
          'router: the last configuration that was read counts',
        )
      }
    },
  }
}

export type RouterSettings = Awaited<ReturnType<typeof followRouterSettings>>

import { createHmac } from 'node:crypto'
import type { Config } from '../../core/config/config.ts'
import { abusePolicyOfHost, usageLatenessSeconds } from '../capabilities.ts'
import type { Settings } from '../settings.ts'
import type { Terms } from './protocol.ts'

/** The terms by which this host's routers serve: no secret that makes sessions, codes or tokens. */
export const routerTerms = (
  config: Config,
  settings: Settings,
  keys: Pick<Terms, 'rootPublicKey'> & { readonly codePepper: string },
): Terms => ({
  port: settings.port,
  listen: settings.listen,
  consoleUrl: settings.consoleUrl,
  brand: config.brand,
  isPublic: settings.isPublic,
  proxies: settings.proxies,
  clients: config.clients,
  plans: config.plans,
  trialPolicies: config.trialPolicies,
  offers: config.offers,
  rootPublicKey: keys.rootPublicKey,
  visitorSecret: createHmac('sha256', keys.codePepper).update('visitors').digest('hex'),
  usageSeconds: usageLatenessSeconds,
  crawlers: config.sleep.crawlers,
  monitors: config.sleep.monitors,
  limitLoopback: abusePolicyOfHost(config.abuse, settings).limitLoopback,
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { createEntitlementKeys } from '../../../adapters/entitlement/entitlement-keys.ts'
import { createRootSigner, generateRootKey } from '../../../adapters/entitlement/root-signer.ts'
import { planCatalogue } from '../../../core/plan/plan-catalogue.ts'
import { trialPolicies } from '../../../core/site/trial-policy.ts'
import { createRouter } from '../../../router/create-router.ts'
import { createTurns } from '../../../router/turns.ts'
import config from '../../../sitewright.config.ts'
import { noOffers } from '../../support/no-offers.ts'
import { type AwsWorld, openAwsWorld as openWorld, type StartedProbingRouter } from '../support/aws-world.ts'
import { probeBlueprint } from '../support/probe-blueprint.ts'
import type { StartedAws } from '../support/start-aws.ts'

/** A router in front of nothing, which makes no calls of AWS: it answers questions about sites' health, as the deployed ones do. */
const openRouter = async (_environment: object, probeSecret: string): Promise<StartedProbingRouter> => {
  const keys = createEntitlementKeys({
    root: createRootSigner(generateRootKey()),
    clock: () => new Date().toISOString(),
  })
  const hostname = '127.0.0.1'
  const router = createRouter({
    offers: noOffers,
    directory: { find: async () => undefined },
    signer: keys.signer,
    viewers: keys.viewers,
    reachProofs: keys.reachProofs,
    entrances: { use: async () => undefined },
    wall: () => new Date().toISOString(),
    plans: planCatalogue(config.plans),
    policies: trialPolicies(config.trialPolicies),
    blueprints: { get: async () => undefined },
    clients: config.clients,
    turns: createTurns(config.clients),
    sleep: config.sleep,
    log: pino({ level: 'silent' }),
    consoleUrl: 'https://try.example.com',
    siteUrl: (site) => `https://${site}`,
    self: { hostname, probeSecret },
  })
  const server = createServer((request, response) => router.request(request, response, hostname))
  server.listen(0, hostname)
  await once(server, 'listening')
  return {
    url: `http://${hostname}:${(server.address() as AddressInfo).port}`,
    close: async () => {
      await router.close(0)
      server.closeAllConnections()
      server.close()
    },
  }
}

export interface SweptWorld extends AwsWorld {
  /** Acts once, before the next call of an operation such as `ecs.UpdateService`, which waits for it. */
  readonly before: (operation: string, act: () => Promise<unknown>) => void
}

export const openAwsWorld = async (aws: StartedAws, health: 'well' | 'sick' = 'well'): Promise<SweptWorld> => {
  const acts = new Map<string, () => Promise<unknown>>()
  const world = await openWorld(aws, {
    blueprint: probeBlueprint({ name: 'probe', health }),
    openRouter,
    watch: async (operation) => {
      const act = acts.get(operation)
      acts.delete(operation)
      await act?.()
    },
  })
  return { ...world, before: (operation, act) => acts.set(operation, act) }
}

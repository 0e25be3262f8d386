import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { createConsoleLog } from '../adapters/console-log.ts'
import { openAccesses, type TableAccess } from '../adapters/dynamodb/access.ts'
import { documentClient } from '../adapters/dynamodb/client.ts'
import { tablesOf } from '../adapters/dynamodb/tables.ts'
import { createRandomness } from '../adapters/randomness.ts'
import { capacityUseOf } from '../core/config/quotas.ts'
import { reservedNames } from '../core/hostname/slug.ts'
import { toInstant } from '../core/instant.ts'
import { copiesOf } from '../core/plan/plan.ts'
import { planCatalogue } from '../core/plan/plan-catalogue.ts'
import type { CellCount } from '../core/ports/site-lists.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { Site } from '../core/site/site.ts'
import { trialPolicies } from '../core/site/trial-policy.ts'
import { createOffers, offersAt } from '../lambdas/offers/offers.ts'
import config from '../sitewright.config.ts'
import { namesOf } from './names.ts'
import { clientSettings } from './parts/client-settings.ts'
import type { Environment, Variable } from './variables.ts'

/** Nobody turns a clock here: both are the system's. */
const wall = (): string => toInstant(new Date())

interface CommonEnvironment {
  readonly STAGE: string
  readonly LOG_LEVEL: Parameters<typeof createConsoleLog>[0]
}

/**
 * What the configuration says of a stage, and what every process of it has, in the terms of the functions' ports.
 * @throws {Error} where there is no such stage.
 */
const deploymentOf = ({ STAGE, LOG_LEVEL }: CommonEnvironment) => {
  const stage = config.stages[STAGE]
  if (stage === undefined) {
    throw new Error(`sitewright.config.ts has no stage '${STAGE}'; it has: ${Object.keys(config.stages).join(', ')}`)
  }
  return {
    names: namesOf(STAGE),
    region: stage.region,
    log: createConsoleLog(LOG_LEVEL),
    randomness: createRandomness(),
    clocks: { domain: wall, wall },
    brand: config.brand,
    contact: config.contact,
    dataLocation: stage.dataLocation ?? `AWS, ${stage.region}`,
    abuse: config.abuse,
    auditPolicy: config.audit,
    leadPolicy: config.leads,
    reportPolicy: config.reports,
    clients: config.clients,
    sleep: config.sleep,
    releases: config.releases,
    offeredBlueprints: config.offeredBlueprints,
    offers: createOffers(
      offersAt(config.offers, stage.console.offerHostnames),
      `https://${stage.console.hostname}`,
      config.legal,
    ),
    imagesArePinned: true as const,
    reservedSlugs: reservedNames(config.reservedSlugs, [config.brand, ...config.offers.map(({ brand }) => brand.name)]),
    pool: { ...config.pool, target: stage.poolTarget ?? config.pool.target },
    plans: planCatalogue(config.plans),
    /** How many trials there may be. */
    ceilings: { ...config.trials, maxLive: stage.maxLive ?? config.trials.maxLive },
    policies: trialPolicies(config.trialPolicies),
    /** Which mode of Stripe, and how tax is dealt with. */
    payments: stage.payments,
    cells: stage.cells.map(({ name }) => name),
    /** The cells that take new sites. */
    capacities: stage.cells
      .filter(({ sites }) => sites > 0)
      .map(({ name, sites, placement }) => ({ name, sites, isNamed: placement === 'named' })),
    quotas: stage.quotas,
    capacityUse: (counts: readonly CellCount[]) => capacityUseOf(stage, counts),
    consoleUrl: `https://${stage.console.hostname}`,
    sitesDomain: stage.sites.domain,
    siteUrl: (hostname: string) => `https://${hostname}`,
  }
}

/** What capabilities are opened with: what this process is deployed as, and its variables. */
export interface CloudContext extends ReturnType<typeof deploymentOf> {
  /** @throws {Error} if the function has no such variable. */
  readonly variable: (name: Variable) => string
  readonly optionalVariable: (name: Variable) => string | undefined
}

export const createContext = (
  environment: Environment<'STAGE' | 'LOG_LEVEL'> & Partial<Environment<Variable>>,
): CloudContext => {
  const optionalVariable = (name: Variable): string | undefined => environment[name]?.toString()
  const variable = (name: Variable): string => {
    const value = optionalVariable(name)
    if (value === undefined) throw new Error(`this function has no variable ${name}`)
    return value
  }
  return { ...deploymentOf(environment), variable, optionalVariable }
}

/** Makes something once for each context, so that capabilities can share it. */
export const oncePerContext = <Made>(make: (context: CloudContext) => Made): ((context: CloudContext) => Made) => {
  const made = new WeakMap<CloudContext, { readonly value: Made }>()
  return (context) => {
    const known = made.get(context) ?? { value: make(context) }
    made.set(context, known)
    return known.value
  }
}

export const tables = oncePerContext((context) => ({
  client: documentClient(new DynamoDBClient(clientSettings)),
  tables: tablesOf(context.variable('TABLES')),
}))

/** What writes events: they reach the bus by the table's stream, so nothing is put into an outbox. */
const writing = oncePerContext((context) => ({
  ...tables(context),
  outbox: false,
  due: (site: Site) => dueEntry(site, context.policies.of(site), copiesOf(context.plans, site.plan)),
}))

export const openerOfTables = (accesses: readonly TableAccess[]) => (context: CloudContext) =>
  openAccesses(accesses, writing(context))

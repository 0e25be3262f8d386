import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { documentClient } from '../adapters/dynamodb/client.ts'
import { createSiteStore } from '../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../adapters/dynamodb/tables.ts'
import { dueEntry } from '../core/site/next-step.ts'
import type { Site } from '../core/site/site.ts'
import { deploymentOf } from './deployment.ts'
import { clientSettings } from './parts/client-settings.ts'
import type { Environment, Variable } from './variables.ts'

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

/** The tables of this deployment, in the terms of the stores. */
export const tables = oncePerContext((context) => ({
  client: documentClient(new DynamoDBClient(clientSettings)),
  tables: tablesOf(context.variable('TABLES')),
}))

/** What writes events: they reach the bus by the table's stream, so nothing is put into an outbox. */
export const writing = oncePerContext((context) => ({
  ...tables(context),
  outbox: false,
  due: (site: Site) => dueEntry(site, context.policies.find(site.policyVersion)),
}))

export const siteStore = oncePerContext((context) => createSiteStore(writing(context)))

import { DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { documentClient } from '../../adapters/dynamodb/client.ts'
import { createSiteStore } from '../../adapters/dynamodb/site-store.ts'
import { tablesOf } from '../../adapters/dynamodb/tables.ts'
import { dueEntry } from '../../core/site/next-step.ts'
import type { Site } from '../../core/site/site.ts'
import type { TrialPolicies } from '../../core/site/trial-policy.ts'
import { clientSettings } from './client-settings.ts'

/** The tables of this deployment, in the terms of the stores. */
export const openTables = ({ TABLES }: { readonly TABLES: string }) => ({
  client: documentClient(new DynamoDBClient(clientSettings)),
  tables: tablesOf(TABLES),
})
export type OpenTables = ReturnType<typeof openTables>

/** What writes events: they reach the bus by the table's stream, so nothing is put into an outbox. */
export const writing = (open: OpenTables, policies: TrialPolicies) => ({
  ...open,
  outbox: false,
  due: (site: Site) => dueEntry(site, policies.find(site.policyVersion)),
})

export const openSites = (open: OpenTables, policies: TrialPolicies) => createSiteStore(writing(open, policies))

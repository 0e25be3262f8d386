import { describe, expect, test } from 'vitest'
import { ensureTables, tablesOf } from '../../../adapters/dynamodb/tables.ts'
import { memoryClient } from '../../support/memory-table/memory-client.ts'
import { MemoryTables } from '../../support/memory-table/memory-table.ts'
import { billingReconciliations } from './contract/billing-reconciliations.ts'
import { blueprints } from './contract/blueprints.ts'
import { brake } from './contract/brake.ts'
import { claims } from './contract/claims.ts'
import { domains } from './contract/domains.ts'
import { dueIndex } from './contract/due-index.ts'
import { expiry } from './contract/expiry.ts'
import { leads } from './contract/leads.ts'
import { outbox } from './contract/outbox.ts'
import { paymentRecords } from './contract/payment-records.ts'
import { rateWindows } from './contract/rate-windows.ts'
import { reports } from './contract/reports.ts'
import { signups } from './contract/signups.ts'
import { siteCommits } from './contract/site-commits.ts'
import { siteLists } from './contract/site-lists.ts'
import { sitePorts } from './contract/site-ports.ts'
import { siteTotals } from './contract/site-totals.ts'
import { storedItems } from './contract/stored-items.ts'
import { tables } from './contract/tables.ts'
import { waitingList } from './contract/waiting-list.ts'
import { webhooks } from './contract/webhooks.ts'
import { slowTables } from './intercept.ts'
import { type OpenTestStore, openStoreOn } from './test-store.ts'

/** The tables that simulations run on keep what the others keep. */
describe('the store in memory', () => {
  const memory = new MemoryTables()
  const open: OpenTestStore = (options) => openStoreOn({ engine: memoryClient(memory) }, options)

  tables(open)
  siteCommits(open)
  claims(open)
  siteLists(open)
  dueIndex(open)
  brake(open)
  siteTotals(open)
  waitingList(open)
  webhooks(open)
  leads(open)
  reports(open)
  signups(open)
  blueprints(open)
  rateWindows(open)
  sitePorts(open)
  domains(open)
  paymentRecords(open)
  billingReconciliations(open)
  outbox(open)
  expiry(open)
  storedItems(open)

  test('waits for tables that take their time', async () => {
    const client = memoryClient(memory)
    const { checks } = slowTables(client)
    await ensureTables(client, tablesOf('slow'))
    expect(checks()).toBeGreaterThan(1)
  })
})

import { afterAll, beforeAll, describe } from 'vitest'
import type { EmbeddedEngineName } from '../../../local/engine/engine.ts'
import { hasEngine, startTestEngine, type TestEngine } from '../../support/engine.ts'
import { auditLog } from './contract/audit-log.ts'
import { billingReconciliations } from './contract/billing-reconciliations.ts'
import { blueprints } from './contract/blueprints.ts'
import { brake } from './contract/brake.ts'
import { claims } from './contract/claims.ts'
import { configurations } from './contract/configurations.ts'
import { domains } from './contract/domains.ts'
import { dueIndex } from './contract/due-index.ts'
import { entrances } from './contract/entrances.ts'
import { evidence } from './contract/evidence.ts'
import { expiry } from './contract/expiry.ts'
import { faults } from './contract/faults.ts'
import { idleChecks } from './contract/idle-checks.ts'
import { jobWaits } from './contract/job-waits.ts'
import { leads } from './contract/leads.ts'
import { operatorLists } from './contract/operator-lists.ts'
import { operatorSessions } from './contract/operator-sessions.ts'
import { outbox } from './contract/outbox.ts'
import { paymentRecords } from './contract/payment-records.ts'
import { quarantine } from './contract/quarantine.ts'
import { rateWindows } from './contract/rate-windows.ts'
import { reports } from './contract/reports.ts'
import { signups } from './contract/signups.ts'
import { siteCommits } from './contract/site-commits.ts'
import { siteLists } from './contract/site-lists.ts'
import { sitePorts } from './contract/site-ports.ts'
import { siteTotals } from './contract/site-totals.ts'
import { storedItems } from './contract/stored-items.ts'
import { summaryLinks } from './contract/summary-links.ts'
import { tables } from './contract/tables.ts'
import { usage } from './contract/usage.ts'
import { waitingList } from './contract/waiting-list.ts'
import { webhooks } from './contract/webhooks.ts'
import { type OpenTestStore, openTestStore } from './test-store.ts'

/** What a store keeps on whatever tables. */
export const keptByEveryStore = (open: OpenTestStore): void => {
  tables(open)
  siteCommits(open)
  claims(open)
  siteLists(open)
  operatorLists(open)
  dueIndex(open)
  brake(open)
  siteTotals(open)
  waitingList(open)
  leads(open)
  reports(open)
  signups(open)
  entrances(open)
  summaryLinks(open)
  webhooks(open)
  operatorSessions(open)
  usage(open)
  blueprints(open)
  rateWindows(open)
  quarantine(open)
  idleChecks(open)
  jobWaits(open)
  sitePorts(open)
  domains(open)
  paymentRecords(open)
  billingReconciliations(open)
  outbox(open)
  configurations(open)
  evidence(open)
  expiry(open)
  auditLog(open)
  storedItems(open)
}

/** What the store keeps on every engine; one engine process runs it all. */
export const storeContract = async (name: EmbeddedEngineName): Promise<void> => {
  const runs = await hasEngine(name)
  describe.runIf(runs)(`the store on ${name}`, () => {
    let engine: TestEngine
    beforeAll(async () => {
      engine = await startTestEngine(name)
    })
    afterAll(() => engine?.stop())

    const open: OpenTestStore = (options) => openTestStore(engine, options)

    keptByEveryStore(open)
    faults(open, { kill: () => engine.kill(), isDurable: name === 'dynoxide' })
  })
}

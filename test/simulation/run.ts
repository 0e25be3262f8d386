/**
 * Simulates whole places over 200 days, one for each seed: people, payments, operators, faults, crashes and zombies.
 *
 *   npm run simulate -- --seeds 10000          seeds 1 to 10000
 *   npm run simulate -- --seed 4711            one of them, and the shortest story of it that fails: takes minutes
 *
 * A seed that fails prints its story and what broke. Exits with 1 then, and where a hundred seeds or more did not have everything
 * happen.
 */
import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import type { Tally } from '../support/simulation/simulate.ts'
import type { Range } from './simulate-range.ts'

const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '100' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string', default: String(availableParallelism()) },
  },
})
const from = Number(values.seed ?? values.from)
const to = values.seed === undefined ? from + Number(values.seeds) - 1 : from
const workers = Math.min(Number(values.workers), to - from + 1)
if (![from, to, workers].every((number) => Number.isSafeInteger(number) && number > 0) || to < from) {
  throw new Error('--seeds, --from, --seed and --workers each take a positive whole number')
}

/** What has to have happened in a hundred seeds: otherwise they prove little. */
const happened = [
  'SiteClaimed',
  'SiteReminded',
  'SiteSuspended trial-ended',
  'SiteArchived',
  'SitePurged',
  'SitePlanChanged',
  'a site that gets the size of its plan',
  'SiteHeld',
  'EnvironmentExtended',
  'an environment: SiteOpened',
  'an environment: SiteResumed',
  'an environment: SitePurged',
  'SiteFellAsleep',
  'SiteWoke',
  'SiteOperationEnded dormancy done',
  'a dormant site that wakes',
  'SiteUpgraded',
  'RolloutFinished',
  'PaymentNoticed',
  'SiteBillingChanged',
  'SiteSuspended payment-overdue',
  'SiteSuspended subscription-ended',
  'SitePaymentReturned',
  'Stripe: a purchase',
  'Stripe: a renewal',
  'Stripe: a renewal that failed',
  'Stripe: collected later',
  'Stripe: a call without an answer',
  'a call that failed',
  'a host that was killed',
  'a write that was acknowledged',
  'a release copy that an operator restores',
  'a site that wakes with another version',
  'RelocationAccepted',
  'RelocationAnnounced',
  'RelocationMissed',
  'RelocationConfirmed',
  'a relocation switched',
  'a relocation returned',
  'a site in another cell',
  'a drain of a cell that ended',
  'a loss of a cell that ended',
  'a site of a lost cell that was restored',
  'a site with another configuration',
  'a site with another blueprint',
]

const print = (text: string): void => void process.stdout.write(`${text}\n`)
const total: Tally = new Map()
const failures: string[] = []
let done = 0

interface Report {
  readonly done?: number
  readonly tally?: Tally
  readonly failure?: string
}

const take = (report: Report): void => {
  if (report.failure !== undefined) {
    failures.push(report.failure)
    print(report.failure)
  }
  for (const [what, count] of report.tally ?? []) total.set(what, (total.get(what) ?? 0) + count)
  const before = done
  done += report.done ?? 0
  if (Math.floor(done / 500) > Math.floor(before / 500)) print(`${done} of ${to - from + 1} seeds`)
}

const runWorker = (range: Range): Promise<void> =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./simulate-range.ts', import.meta.url), { workerData: range })
    worker.on('message', take)
    worker.on('error', reject)
    worker.on('exit', () => resolve())
  })

const began = performance.now()
await Promise.all(Array.from({ length: workers }, (_, index) => runWorker({ from: from + index, to, step: workers })))
for (const [what, count] of [...total].toSorted()) print(`${String(count).padStart(9)}  ${what}`)
const seconds = Math.round((performance.now() - began) / 1000)
print(`${done} seeds, ${failures.length} failed, ${seconds} s`)
if (done !== to - from + 1) throw new Error('not every seed was run')
const missing = done < 100 ? [] : happened.filter((what) => !total.has(what))
if (missing.length > 0) print(`never happened: ${missing.join(', ')}`)
process.exitCode = failures.length + missing.length > 0 ? 1 : 0

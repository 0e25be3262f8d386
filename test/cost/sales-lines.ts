import { assumptions } from './assumptions.ts'
import { type CostLine, callLines, costLine } from './cost-line.ts'
import type { Running } from './sleep-lines.ts'

const { daysInMonth, kilobytesOfALead } = assumptions

/**
 * The units of scoring a lead. Its item is written in a transaction, which counts twice; all four indexes hold the whole item, and it moves
 * in two of them, by its score and by its next check.
 */
const scoring = { writeUnits: kilobytesOfALead * (2 + 2 + 2 + 1 + 1), readUnits: 15 }

/** A row and the note that its hour has changed; it is read once for its file. */
const row = { writeUnits: 2, readUnits: 1 }

/** Queued, taken, logged and removed, for each endpoint. */
const webhook = { writeUnits: 4, readUnits: 6 }

/** A page that counts a visit. Written are a limit, the count, the note that its hour has changed, and sometimes another limit. */
const visit = { requests: 10, kilobytes: 200, writeUnits: 4 }

const leadLines = (scorings: number): readonly CostLine[] => [
  costLine('Leads: writes', 'tableWrite', scorings * scoring.writeUnits),
  costLine('Leads: reads', 'tableRead', scorings * scoring.readUnits),
]

const rowLines = (rows: number): readonly CostLine[] => [
  costLine('Reports: writes', 'tableWrite', rows * row.writeUnits),
  costLine('Reports: reads', 'tableRead', rows * row.readUnits),
]

/**
 * A month of one site for sales. Its lead is scored every six hours while it runs, when it wakes and falls asleep, and once a day while it
 * sleeps, because points decay. Reports have a row for each hour of use and each event.
 */
export const salesLines = ({ share, wakes }: Running): readonly CostLine[] => {
  const daily = share < 1 ? daysInMonth : 0
  const statusEvents = 2 * wakes
  const scorings = 4 * share * daysInMonth + daily + statusEvents
  const usedHours = wakes === 0 ? 24 * daysInMonth : 2 * wakes
  return [
    ...callLines('Leads and reports', scorings + statusEvents),
    ...leadLines(scorings),
    ...rowLines(usedHours + statusEvents),
  ]
}

/** Events of an account that scoring, reports and webhooks learn of. */
export const newsLines = (events: number): readonly CostLine[] => {
  const deliveries = events * assumptions.webhookEndpoints
  return [
    ...callLines('Leads, reports and webhooks', 3 * events),
    ...leadLines(events),
    ...rowLines(events),
    costLine('Webhooks: writes', 'tableWrite', deliveries * webhook.writeUnits),
    costLine('Webhooks: reads', 'tableRead', deliveries * webhook.readUnits),
  ]
}

/** Those who look at the page of an offer for each one that signs up. */
export const visitLines = (): readonly CostLine[] => {
  const visits = assumptions.visitsOfASignUp
  const requests = visits * (visit.requests + 1)
  return [
    costLine('Visits: requests', 'distributionRequest', requests),
    costLine('Visits: traffic', 'distributionTraffic', (visits * visit.kilobytes) / 1_000_000),
    costLine('Visits: firewall', 'firewallRequest', requests),
    costLine('Visits: API', 'apiRequest', visits),
    ...callLines('Visits', visits),
    costLine('Visits: writes', 'tableWrite', visits * visit.writeUnits),
  ]
}

import { assumptions } from './assumptions.ts'
import { callLines } from './call-lines.ts'
import type { CostLine } from './cost-line.ts'
import { costLine } from './cost-line.ts'
import { happyPath } from './happy-path.ts'
import type { PricedStage } from './priced-stage.ts'

/**
 * Write units by step, as the stores write them: an item of a transaction counts twice, a site's record is two kilobytes, and
 * an index takes a write for each entry that comes or goes.
 */
const writeUnits = { start: 5, verify: 15, claim: 24, build: 60, changesOfAddress: 24 }
const readUnits = 60

/** Claimed, account opened; and of the replacement: requested, three steps, stocked, moved twice. */
const events = 9

const requests = { console: 30, kilobytes: 400, api: 8 }
const messages = 2

/** AwaitSite looks for five seconds, then waits one, and each look after the first is another transition. */
const secondsOfALook = 6

const buildLines = ({ provisioning }: PricedStage): readonly CostLine[] => {
  const states = happyPath(provisioning).length
  const looks = Math.ceil(assumptions.secondsToStartASite / secondsOfALook)
  const transitions = 1 + states + (looks - 1)
  return [
    costLine('Build: transitions', 'transition', transitions),
    ...callLines('Build', states + looks - 1, { seconds: assumptions.secondsToStartASite / (states + looks - 1) }),
    costLine('Build: writes', 'tableWrite', writeUnits.build + writeUnits.changesOfAddress),
  ]
}

/** One sign-up: a code, a claim, a welcome, and the site that is built for the pool in place of the claimed one. */
export const signUpLines = (priced: PricedStage): readonly CostLine[] => {
  const { abuse } = priced.config
  const windows = [abuse.signups, abuse.codeTries].flatMap((limits) => Object.values(limits)).flat().length
  return [
    costLine('Console: requests', 'distributionRequest', requests.console + requests.api),
    costLine('Console: traffic', 'distributionTraffic', requests.kilobytes / 1_000_000),
    costLine('Console: firewall', 'firewallRequest', requests.console + requests.api),
    costLine('API', 'apiRequest', requests.api),
    ...callLines('API', requests.api),
    costLine('Limits: writes', 'tableWrite', windows, ['abuse.signups', 'abuse.codeTries']),
    costLine('Sign-up: writes', 'tableWrite', writeUnits.start + writeUnits.verify + writeUnits.claim),
    costLine('Sign-up: reads', 'tableRead', readUnits),
    costLine('Mail', 'mail', messages),
    costLine('Events', 'event', events),
    ...callLines('Events', 2 * events),
    ...buildLines(priced),
  ]
}

import { Duration } from 'aws-cdk-lib'
import type { FunctionEntry } from '../../../lambdas/manifest/function-entry.ts'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import type { Alarms } from './alarms.ts'
import type { WatchedFunction, WatchedThings } from './watched-things.ts'

interface Trouble {
  readonly feels: string
  /**
   * Errors within five minutes, or as long as more of them take, that are nothing to be woken for: the state machine or the next
   * tick tries again. A run counts once, whatever fails in it.
   */
  readonly tolerated: number
}

const stuckEnd = 'Trials that have ended go on running, and cost money; nobody loses anything.'
const stuckCopy = 'A copy that an owner asked for does not come, or disks of ended trials are not given back.'
const stuckRestore = 'An owner who takes an archived site up again waits for it.'
const stuckResize = 'A site is not given the size of its new plan, and its visitors may wait for it.'
const stuckBuild = 'New sites that are not ready-made come late or fail.'

/** What is felt of each function's trouble. */
const troubles: Readonly<Record<FunctionName, Trouble>> = {
  'public-api': { feels: 'Visitors cannot sign up or sign in.', tolerated: 0 },
  'owner-api': { feels: 'Owners cannot see or create their sites.', tolerated: 0 },
  'stripe-webhook': {
    feels: 'What owners pay reaches their sites late: Stripe tells it again for three days.',
    tolerated: 2,
  },
  'operator-api': { feels: 'Staff cannot look after sites.', tolerated: 0 },
  'prepare-storage': { feels: stuckBuild, tolerated: 4 },
  'start-site': { feels: stuckBuild, tolerated: 9 },
  // It says that a site is not ready yet by failing, and so it does some times in every build.
  'await-site': { feels: stuckBuild, tolerated: 99 },
  'open-site': { feels: stuckBuild, tolerated: 4 },
  'fail-site': { feels: 'Owners of a site that cannot be built are not told so.', tolerated: 4 },
  'remove-failed-site': { feels: 'Nothing; what is left of failed builds costs money.', tolerated: 4 },
  'suspend-due-site': { feels: stuckEnd, tolerated: 4 },
  'stop-site': { feels: stuckEnd, tolerated: 9 },
  'finish-operation': {
    feels: 'Owners cannot act on a site whose suspension or archiving is not noted as done.',
    tolerated: 4,
  },
  'fail-operation': { feels: 'Owners cannot act on a site with which something went wrong.', tolerated: 9 },
  'copy-data': { feels: stuckCopy, tolerated: 9 },
  'verify-copy': { feels: stuckCopy, tolerated: 9 },
  'archive-due-site': { feels: stuckCopy, tolerated: 9 },
  'release-data': { feels: 'Nothing; the disks of archived sites cost money.', tolerated: 9 },
  'restore-data': { feels: stuckRestore, tolerated: 9 },
  'start-restored': { feels: stuckRestore, tolerated: 9 },
  'open-restored': { feels: stuckRestore, tolerated: 99 },
  'purge-due-site': { feels: 'Data is kept longer than it was said to be.', tolerated: 4 },
  'remove-remains': { feels: 'Data is kept longer than it was said to be.', tolerated: 9 },
  'pause-site': { feels: stuckCopy, tolerated: 4 },
  'unpause-site': {
    feels: 'A site that was paused for a copy stays away; its visitors are told to come again.',
    tolerated: 99,
  },
  'make-way': { feels: stuckResize, tolerated: 4 },
  // It says that a site does not answer yet by failing, as its visitors wait.
  'move-to-size': { feels: stuckResize, tolerated: 99 },
  'leave-old-size': { feels: 'Nothing; a site runs twice for a while, which costs money.', tolerated: 9 },
  'fail-resize': {
    feels: 'A site whose change of size has failed stays away; its visitors are told to come again.',
    tolerated: 99,
  },
  'converge-billing': { feels: 'A site that was paid for does not get its plan, or not at once.', tolerated: 2 },
  'reconcile-billing': { feels: 'Nothing yet; what the events of payments missed is not put right.', tolerated: 0 },
  'follow-plan': { feels: 'A site is given the size of its new plan a minute late.', tolerated: 2 },
  'record-owner-copy': { feels: stuckCopy, tolerated: 4 },
  'start-again': { feels: 'A site that its owner has taken up again answers a minute late.', tolerated: 2 },
  'act-on-deadlines': {
    feels: 'No reminders go out, and trials that have ended go on running; nobody loses anything.',
    tolerated: 2,
  },
  'admit-waiting': { feels: 'People who wait for a trial are not told that it is their turn.', tolerated: 2 },
  'count-sites': { feels: 'Nothing; ended trials are taken away at a pace that goes by old numbers.', tolerated: 2 },
  'complete-jobs': { feels: 'Copies, restores and purges wait although their work is done.', tolerated: 2 },
  'meter-storage': { feels: 'Owners are not told that their storage is nearly full.', tolerated: 0 },
  'clear-leftovers': { feels: 'Nothing; what sites have left behind costs money.', tolerated: 0 },
  'heal-operations': { feels: 'What was begun with a site and lost its workflow never ends.', tolerated: 2 },
  'publish-events': { feels: 'Welcome mails and refills of the pool come late.', tolerated: 2 },
  'mail-owner': { feels: 'Owners do not get the mail about their site.', tolerated: 2 },
  'fill-pool': { feels: 'Soon: sign-ups wait for a site to be built.', tolerated: 2 },
  'heal-builds': { feels: 'Builds that lost their workflow never end.', tolerated: 2 },
  'reconcile-sites': { feels: 'A site that is down stays down.', tolerated: 2 },
  'check-domains': { feels: "Owners' own domains are verified, served and warned of late.", tolerated: 2 },
  'follow-site-domains': { feels: 'Nothing; domains are warned of, or released, some hours late.', tolerated: 2 },
  'mail-domain': { feels: 'Owners are not told what becomes of their domains.', tolerated: 2 },
  'withdraw-domain': { feels: 'Nothing; CloudFront goes on answering for domains that nobody has.', tolerated: 9 },
  'follow-task': { feels: 'A site whose task was replaced answers late.', tolerated: 4 },
}

const fiveMinutes = { period: Duration.minutes(5), statistic: 'Sum' }

/**
 * What the clock wakes one at a time fails no oftener than it is called, and each call may take its whole time: so long that one
 * error more than are tolerated fits in.
 */
const periodOfErrors = (entry: FunctionEntry, tolerated: number): Duration => {
  if (entry.kind !== 'event' || entry.everyMinutes === undefined) return fiveMinutes.period
  const minutes = tolerated * (entry.everyMinutes + entry.timeoutSeconds / 60) + 1
  return Duration.minutes(Math.ceil(minutes / 5) * 5)
}

const watchOne = (alarms: Alarms, { name, entry, function: watched }: WatchedFunction): void => {
  const { feels, tolerated } = troubles[name]
  const errors = watched.metricErrors({ ...fiveMinutes, period: periodOfErrors(entry, tolerated) })
  alarms.add(`${name}-errors`, { metric: errors, feels, threshold: tolerated + 1 })
  if (entry.kind === 'http') {
    alarms.add(`${name}-throttled`, {
      metric: watched.metricThrottles(fiveMinutes),
      feels: 'Some requests to the console are refused as if it were broken.',
      threshold: 1,
    })
  }
  if (entry.kind === 'event' && entry.everyMinutes !== undefined) {
    alarms.add(`${name}-silent`, {
      metric: watched.metricInvocations(fiveMinutes),
      feels,
      threshold: 1,
      // One call may take its whole time, and no other begins meanwhile.
      looks: Math.ceil(entry.everyMinutes / 5) + Math.ceil(entry.timeoutSeconds / 300),
      isFloor: true,
    })
  }
}

/** Watches over every function: what it fails at, what is turned away, and whether the clock still wakes it. */
export const watchFunctions = (alarms: Alarms, { functions }: WatchedThings): void => {
  for (const watched of functions) watchOne(alarms, watched)
}

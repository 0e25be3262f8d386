import { assumptions, deployedCounts } from './assumptions.ts'
import {
  idleMonth,
  maxSitesOfAnAccount,
  monthWith,
  paidMonth,
  poolTargetOf,
  roomForSites,
  signUp,
  wholeTrial,
} from './bills.ts'
import { type Bill, type CostLine, linesOf, totalOf } from './cost-line.ts'
import { dollars, markdownTable, quantity } from './figures.ts'
import { asSmall, currentTrialPolicy, type PricedStage } from './priced-stage.ts'
import { pricedRegion, priceEntries, prices, pricesRead } from './prices.ts'
import { settingTable } from './setting-changes.ts'
import { runningOf } from './sleep-lines.ts'

const lineRow = ({ item, price, quantity: amount, usd }: CostLine): readonly string[] => [
  item,
  `${quantity(amount)} ${prices[price].unit}`,
  dollars(usd),
]

/** The lines of a bill above zero, and their sum. */
const lineTable = (bill: Bill): string =>
  markdownTable(
    ['', 'quantity', 'USD'],
    [
      ...linesOf(bill)
        .filter(({ usd }) => usd > 0)
        .map(lineRow),
      ['**total**', '', `**${dollars(totalOf(linesOf(bill)))}**`],
    ],
  )

const partTable = (bill: Bill): string =>
  markdownTable(
    ['', 'USD'],
    [
      ...bill.map(({ name, lines }) => [name, dollars(totalOf(lines))]),
      ['**total**', `**${dollars(totalOf(linesOf(bill)))}**`],
    ],
  )

const sleepSentence = ({ trial }: PricedStage): string => {
  const { share } = runningOf(trial)
  if (trial.sleepAfterMinutes === undefined || share === 1) return ''
  const { sessionsOfTrialADay, minutesOfASession } = assumptions
  return `It is used ${sessionsOfTrialADay === 1 ? 'once' : `${quantity(sessionsOfTrialADay)} times`} a day for ${minutesOfASession} minutes, sleeps ${trial.sleepAfterMinutes} minutes later, and so runs ${quantity(24 * 60 * share)} minutes a day.\n`
}

/** What limits a page that polls, and what it costs until then. */
const openTab = (priced: PricedStage): string => {
  const { config, stage, stageName, trial } = priced
  const awake = { ...priced, trial: { ...trial, sleepAfterMinutes: undefined } }
  const days = currentTrialPolicy(priced).trialDays
  const [spot, onDemand] = [true, false].map((interruptible) => totalOf(linesOf(wholeTrial(awake, { interruptible }))))
  const maxLive = stage.maxLive ?? config.trials.maxLive
  return `A page that polls, or holds a WebSocket, is a visitor: its site [does not sleep](sleep.md#when-a-site-sleeps) as long as the tab is open. A trial with a tab open
for all of its ${days} days costs ${dollars(spot ?? 0)} on Spot and ${dollars(onDemand ?? 0)} on demand, besides the requests. No blueprint can name requests that are no use, and no plan has
hours a day. These limit it:

- The trial ends after ${days} days (\`trialPolicies.trialDays\`), and an account has one.
- \`maxLive\` of the stage is how many trials there are at once. With ${quantity(maxLive)} in \`${stageName}\`, all with open tabs, a month costs ${dollars(((spot ?? 0) * maxLive * assumptions.daysInMonth) / days)} on Spot.
- \`requestsPerMinute\` and \`connections\` of the plan limit how much the tab may ask, and crawlers and monitors keep no site awake.
- A product can poll only while its tab is visible. It then sleeps ${trial.sleepAfterMinutes ?? 0} minutes after that.
- \`budget\` of a stage ([deploy.md](deploy.md#configuration)) mails when the month's forecast is above it.
`
}

const scales = [10, 1000, 100_000]
const shares = [1, 0.5, 0]

const scaleTable = (priced: PricedStage): string => {
  const names = monthWith(priced, 1, 1).bill.map(({ name }) => name.toLowerCase())
  const rows = scales.flatMap((sites) =>
    shares.map((share) => {
      const { deployments, routersEach, bill } = monthWith(priced, sites, share)
      const total = totalOf(linesOf(bill))
      return [
        quantity(sites),
        `${share * 100} %`,
        String(deployments),
        String(routersEach),
        ...bill.map(({ lines }) => dollars(totalOf(lines))),
        `**${dollars(total)}**`,
        dollars(total / sites),
      ]
    }),
  )
  return markdownTable(['sites', 'trials', 'deployments', 'routers each', ...names, 'total', 'a site'], rows)
}

const priceTable = (): string =>
  markdownTable(
    ['service', 'unit', 'USD', ''],
    priceEntries.map(([, { service, unit, usd, per, source, approximate }]) => [
      `[${service}](${source})`,
      per === 1 ? unit : `${quantity(per)} ${unit}`,
      String(usd),
      approximate === undefined ? '' : `about: ${approximate}`,
    ]),
  )

const assumptionTable = (): string =>
  markdownTable(
    ['', ''],
    Object.entries(assumptions).map(([name, value]) => [`\`${name}\``, quantity(value)]),
  )

/**
 * Renders docs/cost.md: bills, the settings that change them, and the prices behind them.
 * @param rollouts the section about roll-outs.
 */
export const costPage = (priced: PricedStage, rollouts: string): string => {
  const { stage, stageName, trial, paid } = priced
  const policy = currentTrialPolicy(priced)
  const [idle, trialBill, paidBill, signUpBill] = [idleMonth, wholeTrial, paidMonth, signUp].map((bill) => bill(priced))
  if (!idle || !trialBill || !paidBill || !signUpBill) throw new Error('a bill is missing')
  const bills = [idle, trialBill, paidBill, signUpBill]
  const small = asSmall(priced)
  const idleSmall = idleMonth(small)
  return `# Costs on AWS

<!-- Generated by test/cost/ from sitewright.config.ts, lambdas/manifest.ts, statemachines/ and a table of prices.
     Change those, then run: node tools/generate-docs.ts -->

US dollars before tax, for the stage \`${stageName}\` of \`sitewright.config.ts\`, at the prices of
${pricedRegion}${stage.region === pricedRegion ? '' : ` (the stage is in ${stage.region}, where they differ)`}. Without free tiers, savings plans and discounts. For other numbers:

\`\`\`
npm run cost -- --sites 2500 --trials 0.3
\`\`\`

We compared the prices with published copies of AWS's lists on ${pricesRead}; the copies were up to some months old.
Approximate prices are marked in the [table](#prices). No figure comes from the bill of a running deployment.

| | USD |
| --- | --- |
| [an idle month](#an-idle-month) | ${dollars(totalOf(linesOf(idle)))} |
| [an idle month of a small stage](#a-small-stage) | ${dollars(totalOf(linesOf(idleSmall)))} |
| [a ${policy.trialDays}-day trial](#a-trial), from its sign-up to the end of its archive | ${dollars(totalOf(linesOf(trialBill)))} |
| [a paid site for a month](#a-paid-site-for-a-month), plan \`${paid.id}\` | ${dollars(totalOf(linesOf(paidBill)))} |
| [a sign-up](#a-sign-up) | ${dollars(totalOf(linesOf(signUpBill)))} |

Nearly all of a site's cost is Fargate and depends on the plan's size. A sign-up itself costs almost nothing.

## An idle month

No visitors and no sign-ups; ${poolTargetOf(priced)} sites are ready in the pool.

${lineTable(idle.filter(({ name }) => name === 'Fixed'))}

CloudWatch charges for a metric by the hours in which it has a figure. The ${deployedCounts.logMetrics} metrics of log lines count what is rare and have no default value, so
they are counted for ${assumptions.hoursOfALogMetric} hours each; with a figure in every hour they would cost ${dollars(deployedCounts.logMetrics * prices.metric.usd)}. A composite alarm costs as much as five alarms, so there is none.

With the pool and the sweeps:

${partTable(idle)}

## A small stage

A month of the same stage with \`profile: small\`: one router, endpoints in one zone, no web ACLs, ${poolTargetOf(small)} site in the pool.
It has no redundancy ([docs/deploy.md](deploy.md#profiles)).

${lineTable(idleSmall.filter(({ name }) => name === 'Fixed'))}

With the pool and the sweeps:

${partTable(idleSmall)}

## A trial

Plan \`${trial.id}\`: ${policy.trialDays} days on Fargate Spot, ${policy.graceDays} days of grace with the data in place, ${policy.retentionDays} days of archive.
${sleepSentence(priced)}The work of ending it is listed separately.

${partTable(trialBill)}

The days of the trial in detail:

${lineTable(trialBill.filter(({ name }) => name === 'Trial'))}

Without Spot capacity, a trial runs on demand and costs ${dollars(totalOf(linesOf(wholeTrial(priced, { interruptible: false }))))}.

## A trial with an open tab

${openTab(priced)}
## A paid site for a month

Plan \`${paid.id}\`, on demand.

${lineTable(paidBill)}

A blueprint with \`outbound: internet\` adds a public address to each of its sites:
${dollars(assumptions.hoursInMonth * prices.publicAddress.usd)} a month.

## A sign-up

The code, the claim, the welcome mail, the build of a replacement for the pool, what sales learn of it until the trial ends, and the visits of those who do not sign up.

${lineTable(signUpBill)}

## By number of sites

A month in which as many trials start as end. A deployment with the cells of this stage has room for
${quantity(roomForSites(stage))} sites, with more cells for ${quantity(maxSitesOfAnAccount)}: an account has at most 10,000 IAM roles, and each site has one. More
sites need several deployments, each in its own account. Here each site counts as if none were dormant: [scale.md](scale.md) counts with it.

${scaleTable(priced)}

The reconciling sweep reads every running site each time. Above about ${quantity(
    60 / (2 * assumptions.secondsOfARead),
  )} running sites it
takes longer than a minute and runs less often.

${rollouts}

## Settings and the lines that they change

${settingTable(bills)}

\`cells\` also changes how many sites a deployment has room for. The number of containers of a blueprint has no effect, because a site's containers share its plan's size.

## Assumptions

These numbers are not in the configuration. They are in \`test/cost/assumptions.ts\`.

${assumptionTable()}

Not counted, because they depend on the account or are negligible: support plans, domain registration, DNS queries (also those that the firewall of names checks), CloudFront in front of custom domains, AWS Config, the load balancer's and CloudFront's access logs, flow logs, requests to S3, KMS, SQS and Secrets Manager.

## Prices

${pricedRegion}, compared on ${pricesRead}. Each name links to AWS's price page.

${priceTable()}
`
}

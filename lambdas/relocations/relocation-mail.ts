import { plusDays } from '../../core/instant.ts'
import { days, inConsole, localTime, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import type { Relocation } from '../../core/site/relocation.ts'
import { isKept } from '../../core/site/site.ts'

/** Such as `about 4 minutes`. */
const aboutMinutes = (seconds: number): string =>
  seconds <= 60 ? 'about a minute' : `about ${Math.ceil(seconds / 60)} minutes`

const dayFormat = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
/** Such as `11 December 2026`. */
const longDay = (day: string): string => dayFormat.format(new Date(day))

/** The window in the time zone in which people agreed on it, and in UTC. */
const windowFacts = ({ window: { from, until, timeZone } }: Pick<Relocation, 'window'>) =>
  [
    ['Begins at the earliest', localTime(from, timeZone)],
    ['Ends at the latest', localTime(until, timeZone)],
    ['In UTC', `${localTime(from)} to ${localTime(until)}`],
  ] as const

const factsOf = (relocation: Relocation, { plans }: MailFacts) => {
  const { target, contract, forecast } = relocation
  return [
    ...(target.plan === undefined ? [] : [['Plan', plans.find(target.plan).name] as const]),
    ...(contract === undefined
      ? []
      : [['Contract', `${contract.number}, ${longDay(contract.firstDay)} to ${longDay(contract.lastDay)}`] as const]),
    ...windowFacts(relocation),
    ...(forecast === undefined ? [] : [['Interruption', aboutMinutes(forecast.seconds)] as const]),
  ]
}

const planned = (name: string, relocation: Relocation, facts: MailFacts): MailContent => ({
  subject: `Please accept the planned change of ${name}`,
  paragraphs: [
    `We have planned a change of your site ${name} and tried it on a copy of your data. It happens only if you accept it.`,
  ],
  facts: factsOf(relocation, facts),
  action: inConsole('Read and accept'),
})

const accepted = (name: string, relocation: Relocation, facts: MailFacts): MailContent => ({
  subject: `The change of ${name} is agreed`,
  paragraphs: [
    `You have accepted the planned change of your site ${name}. We remind you a day before. Until then everything stays as it is.`,
  ],
  facts: factsOf(relocation, facts),
  action: inConsole('See the plan'),
})

const announced = (name: string, relocation: Relocation, facts: MailFacts): MailContent => ({
  subject: `Your site ${name} will be interrupted soon`,
  paragraphs: [
    `The change of your site ${name} that you have accepted comes soon. Your site is interrupted for a few minutes within the window. No data is lost.`,
  ],
  facts: factsOf(relocation, facts),
  action: inConsole('See the plan'),
})

const missed = (name: string): MailContent => ({
  subject: `The change of ${name} did not happen`,
  paragraphs: [
    `The planned change of your site ${name} did not happen. Your site runs as before, and no data is lost. We will suggest another time.`,
  ],
  action: inConsole('See your site'),
})

const withdrawn = (name: string): MailContent => ({
  subject: `The change of ${name} is cancelled`,
  paragraphs: [
    `We have cancelled the change of your site ${name} that you had accepted. Your site stays as it is. Write to us if you did not expect this.`,
  ],
  action: inConsole('See your site'),
})

const switched = (name: string, { switched: side, confirmDays }: Relocation, { at }: MailFacts): MailContent => ({
  subject: `Your site ${name} has changed as agreed`,
  paragraphs: [
    `Your site ${name} runs as agreed. Look at it and tell us if anything is wrong: for ${days(confirmDays)} we can go back to how it was before.`,
  ],
  facts: side === undefined ? [] : [['Can go back until', at(plusDays(side.at, confirmDays))]],
  action: inConsole('See your site'),
})

const returned = (name: string): MailContent => ({
  subject: `Your site ${name} is back to what it was`,
  paragraphs: [
    `We have taken the change of your site ${name} back. It runs with the data from before the change. What was written since is kept as a copy.`,
  ],
  action: inConsole('See your copies', 'copies'),
})

const sides = { switched, returned } as const

/** The mail about a relocation; undefined if there is nothing to say, or it is no longer true. */
export const relocationMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (!isKept(site)) return undefined
  const { relocation } = site
  switch (event.type) {
    case 'RelocationDrafted':
      return relocation?.state === 'draft' && relocation.forecast !== undefined
        ? planned(name, relocation, facts)
        : undefined
    case 'RelocationAccepted':
      return relocation?.state === 'accepted' ? accepted(name, relocation, facts) : undefined
    case 'RelocationAnnounced':
      return relocation?.state === 'accepted' ? announced(name, relocation, facts) : undefined
    case 'RelocationMissed':
      return missed(name)
    case 'RelocationWithdrawn':
      return event.data.wasAccepted && withdrawn(name)
    case 'SiteUpgraded':
    case 'SitePlanChanged':
      return relocation && event.data.relocation && sides[event.data.relocation](name, relocation, facts)
    default:
      return undefined
  }
}

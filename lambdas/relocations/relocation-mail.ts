import { plusDays } from '../../core/instant.ts'
import { inConsole, type MailContent, type MailFacts } from '../../core/mail/mail-message.ts'
import { days, localeOf, localTime, type MailLanguage, type Say } from '../../core/mail/mail-words.ts'
import { isAgreed, presentForecast, type Relocation } from '../../core/site/relocation.ts'
import { isKept } from '../../core/site/site.ts'

const aboutMinutes = (seconds: number, say: Say): string =>
  seconds <= 60 ? say`about a minute` : say`about ${Math.ceil(seconds / 60)} minutes`

const dayFormat = { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' } as const
/** Such as `11 December 2026`. */
const longDay = (day: string, language: MailLanguage): string =>
  new Intl.DateTimeFormat(localeOf(language), dayFormat).format(new Date(day))

/** The window in the time zone in which people agreed on it, and in UTC. */
const windowFacts = ({ window: { from, until, timeZone } }: Relocation, { say, language }: MailFacts) =>
  [
    [say`Begins at the earliest`, localTime(from, timeZone, language)],
    [say`Ends at the latest`, localTime(until, timeZone, language)],
    [say`In UTC`, say`${localTime(from, 'UTC', language)} to ${localTime(until, 'UTC', language)}`],
  ] as const

const factsOf = (relocation: Relocation, facts: MailFacts) => {
  const { plans, say, language } = facts
  const { target, contract, forecast } = relocation
  return [
    ...(target.plan === undefined ? [] : [[say`Plan`, plans.find(target.plan).name] as const]),
    ...(contract === undefined
      ? []
      : [
          [
            say`Contract`,
            say`${contract.number}, ${longDay(contract.firstDay, language)} to ${longDay(contract.lastDay, language)}`,
          ] as const,
        ]),
    ...windowFacts(relocation, facts),
    ...(forecast === undefined ? [] : [[say`Interruption`, aboutMinutes(forecast.seconds, say)] as const]),
  ]
}

const planned = (name: string, relocation: Relocation, facts: MailFacts): MailContent | undefined => {
  const { now, say, language } = facts
  const { from, timeZone } = relocation.window
  // It cannot be accepted any more.
  if (now >= from) return undefined
  return {
    subject: say`Please accept the planned change of ${name}`,
    paragraphs: [
      say`We have planned a change of your site ${name} and tried it on a copy of your data. It happens only if you accept it before ${localTime(from, timeZone, language)}.`,
    ],
    facts: factsOf(relocation, facts),
    action: inConsole(say`Read and accept`),
  }
}

const accepted = (name: string, relocation: Relocation, facts: MailFacts): MailContent => {
  const { say } = facts
  return {
    subject: say`The change of ${name} is agreed`,
    paragraphs: [
      say`The planned change of your site ${name} is accepted. Until it begins, everything stays as it is.`,
      // Accepted on the last day, it has no reminder.
      ...(relocation.announced ? [] : [say`We remind you a day before.`]),
    ],
    facts: factsOf(relocation, facts),
    action: inConsole(say`See the plan`),
  }
}

const announced = (name: string, relocation: Relocation, facts: MailFacts): MailContent => {
  const { say, language } = facts
  const { from, until, timeZone } = relocation.window
  const [begin, end] = [localTime(from, timeZone, language), localTime(until, timeZone, language)]
  return {
    subject: say`Your site ${name} will be interrupted soon`,
    paragraphs: [
      say`We make the agreed change of your site ${name} between ${begin} and ${end}. Your site is interrupted for a part of that time. No data is lost. You need not do anything.`,
    ],
    facts: factsOf(relocation, facts),
    action: inConsole(say`See the plan`),
  }
}

const missed = (name: string, { say }: Pick<MailFacts, 'say'>): MailContent => ({
  subject: say`The change of ${name} did not happen`,
  paragraphs: [
    say`The planned change of your site ${name} did not happen. Your site runs as before, and no data is lost. We will suggest another time.`,
  ],
  action: inConsole(say`See your site`),
})

const withdrawn = (name: string, { say }: Pick<MailFacts, 'say'>): MailContent => ({
  subject: say`The change of ${name} is cancelled`,
  paragraphs: [
    say`We have cancelled the agreed change of your site ${name}. Your site stays as it is. Write to us if you did not expect this.`,
  ],
  action: inConsole(say`See your site`),
})

const switched = (name: string, { switched: side, confirmDays }: Relocation, { at, say }: MailFacts): MailContent => ({
  subject: say`Your site ${name} has changed as agreed`,
  paragraphs: [
    say`Your site ${name} runs as agreed. Look at it and tell us if anything is wrong: for ${days(confirmDays, say)} we can go back to how it was before.`,
  ],
  facts: side === undefined ? [] : [[say`Can go back until`, at(plusDays(side.at, confirmDays))]],
  action: inConsole(say`See your site`),
})

const returned = (name: string, _: Relocation, { say }: MailFacts): MailContent => ({
  subject: say`Your site ${name} is back to what it was`,
  paragraphs: [
    say`We have undone the change of your site ${name}. It runs with the data from before the change. What was written since is kept as a copy.`,
  ],
  action: inConsole(say`See your copies`, 'copies'),
})

const sides = { switched, returned } as const

/** It may be on the other side again by now. */
const sideMail = (
  name: string,
  relocation: Relocation | undefined,
  side: keyof typeof sides | undefined,
  facts: MailFacts,
): MailContent | undefined =>
  side !== undefined && relocation?.state === side ? sides[side](name, relocation, facts) : undefined

/** The mail about a relocation; undefined if there is nothing to say, or it is no longer true. */
export const relocationMail = (name: string, facts: MailFacts): MailContent | undefined => {
  const { event, site } = facts
  if (!isKept(site)) return undefined
  const { relocation } = site
  switch (event.type) {
    case 'RelocationDrafted':
      if (relocation?.state === 'draft' && presentForecast(site, relocation)) return planned(name, relocation, facts)
      // Its owner is asked again once the new plan is rehearsed.
      return isAgreed(relocation) ? undefined : event.data.wasAccepted && withdrawn(name, facts)
    case 'RelocationAccepted':
      return relocation?.state === 'accepted' ? accepted(name, relocation, facts) : undefined
    case 'RelocationAnnounced':
      return relocation?.state === 'accepted' ? announced(name, relocation, facts) : undefined
    case 'RelocationMissed':
      return missed(name, facts)
    case 'RelocationWithdrawn':
      return event.data.wasAccepted && withdrawn(name, facts)
    case 'SiteUpgraded':
    case 'SitePlanChanged':
      return sideMail(name, relocation, event.data.relocation, facts)
    default:
      return undefined
  }
}

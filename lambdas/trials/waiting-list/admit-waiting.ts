import { SitewrightError } from '../../../core/errors.ts'
import { plusDays } from '../../../core/instant.ts'
import { composeMail, type MailSender, messageIdOf, senderOf } from '../../../core/mail/mail-message.ts'
import { localTime, sayIn } from '../../../core/mail/mail-words.ts'
import type { Context } from '../../../core/ports/context.ts'
import type { Mailer, MailMessage } from '../../../core/ports/delivery.ts'
import type { AccountStore } from '../../accounts/ports.ts'
import { blueprintsOf, isOpen, type Offer, type Offers, offeredBlueprint, trialBy } from '../../offers/offers.ts'
import { type TrialRoom, type TrialRoomPorts, trialRoom } from './admit-trials.ts'
import {
  type InvitedEntry,
  invitationDays,
  returned,
  type WaitingEntry,
  type WaitingList,
  type WantedTrial,
} from './waiting-entry.ts'

export interface AdmitWaitingPorts
  extends TrialRoomPorts,
    Pick<Context, 'brand' | 'consoleUrl' | 'log' | 'offeredBlueprints'> {
  readonly waitingList: WaitingList
  readonly accounts: Pick<AccountStore, 'get' | 'getPerson'>
  readonly mailer: Mailer
  readonly offers: Offers
}

const maxAtOnce = 100

/** An expired invitation leaves the list, unless trials were paused. Who has asked again meanwhile stays on it. */
const endInvitations = async ({ waitingList, clocks }: AdmitWaitingPorts, isPaused: boolean): Promise<void> => {
  for (const entry of await waitingList.lapsed(clocks.wall(), maxAtOnce)) {
    if (isPaused) await waitingList.replace(entry, returned(entry, clocks.wall()))
    else await waitingList.drop(entry)
  }
}

/**
 * The offer by which an account gets its trial: the one at which it asked or, once that has closed, that of the installation, by which it
 * can sign in then. Who waited for a trial of an offer's own may have used the other one.
 */
const openOffer = ({ offers, clocks }: AdmitWaitingPorts, { offer }: WantedTrial): Offer | undefined => {
  const held = offers.find(offer)
  const possible = held.trials === 'one-ever' ? [held, offers.find(undefined)] : [held]
  return possible.find((one) => isOpen(one, clocks.domain()))
}

/** An offer may have closed, or have another blueprint by now: who waits then waits for the trial that they can get, at their place. */
const renewWanted = async (ports: AdmitWaitingPorts): Promise<void> => {
  const { waitingList, offers } = ports
  for (const wanted of await waitingList.wanted()) {
    const offer = openOffer(ports, wanted)
    if (offer === undefined) continue
    const asked = offers.find(wanted.offer)
    // The blueprint of another offer was nobody's choice.
    const chosen = asked === offer || asked.blueprint === undefined ? wanted.blueprint : undefined
    const today = { ...trialBy(offer), blueprint: offeredBlueprint(undefined, chosen, blueprintsOf(offer, ports)) }
    if (today.blueprint === wanted.blueprint && today.offer === wanted.offer) continue
    for (const entry of await waitingList.first(wanted, maxAtOnce)) {
      const { offer: _, trialOf: __, ...kept } = entry
      await waitingList.replace(entry, { ...kept, ...today })
    }
  }
}

/** The mail goes first: repeated, it is one message, and nobody is invited without it. */
const invite = async (ports: AdmitWaitingPorts, entry: WaitingEntry): Promise<void> => {
  const { waitingList, accounts, mailer, clocks } = ports
  const found = await accounts.get(entry.accountId)
  // Whoever deleted the account gets no mail, and may join again after revoking that.
  const account = found?.closure === undefined ? found : undefined
  const owner = account && (await accounts.getPerson(account.ownerId))
  const offer = account && openOffer(ports, entry)
  if (offer === undefined || owner === undefined) return waitingList.leave(entry.accountId)
  const invited: InvitedEntry = { ...entry, status: 'invited', until: plusDays(clocks.wall(), invitationDays) }
  await mailer.send(
    invitationMail(invited, { ...ports, ...senderOf(offer, account), to: owner.email, timeZone: owner.timeZone }),
  )
  await waitingList.replace(entry, invited)
}

/** Those for whom there is room, the longest waiting first. */
const turnsOf = async ({ waitingList }: AdmitWaitingPorts, roomFor: TrialRoom['roomFor']) => {
  const turns: WaitingEntry[] = []
  for (const wanted of await waitingList.wanted()) {
    const max = Math.min(maxAtOnce, roomFor(wanted.blueprint))
    if (max > 0) turns.push(...(await waitingList.first(wanted, max)))
  }
  return turns.toSorted((one, other) => (one.joinedAt < other.joinedAt ? -1 : 1)).slice(0, maxAtOnce)
}

/**
 * Invites as many waiting accounts as there is room for, the longest waiting first. @throws {SitewrightError}
 * `Unavailable` at the end if one could not be invited.
 */
export const admitWaiting = async (ports: AdmitWaitingPorts): Promise<void> => {
  const { log } = ports
  const before = await trialRoom(ports)
  await endInvitations(ports, before.isPaused)
  await renewWanted(ports)
  const { room, roomFor } = await trialRoom(ports)
  const invited: string[] = []
  let failed = 0
  for (const entry of await turnsOf(ports, roomFor)) {
    // Others may have taken the room that blueprints share.
    if (roomFor(entry.blueprint, invited) === 0) continue
    invited.push(entry.blueprint)
    try {
      await invite(ports, entry)
    } catch (error) {
      failed += 1
      log.warn({ accountId: entry.accountId, err: error }, 'an account could not be invited')
    }
  }
  if (invited.length > failed) log.info({ invited: invited.length - failed, room }, 'invited waiting accounts')
  if (failed > 0) throw new SitewrightError('Unavailable', `${failed} waiting accounts could not be invited.`)
}

export const invitationMail = (
  entry: Pick<InvitedEntry, 'accountId' | 'joinedAt' | 'returnedAt' | 'until'>,
  {
    to,
    timeZone,
    consoleUrl,
    ...from
  }: MailSender & { readonly to: string; readonly timeZone?: string | undefined; readonly consoleUrl: string },
): MailMessage => {
  const say = sayIn(from.language)
  return {
    ...composeMail({
      id: messageIdOf('turn', entry.accountId, entry.joinedAt, ...(entry.returnedAt ? [entry.returnedAt] : [])),
      to,
      from,
      subject: say`Your ${from.brand} trial can start`,
      paragraphs: [
        say`There is room for your trial now. Sign in by ${localTime(entry.until, timeZone, from.language)} and choose a name for your site. After that, we give your place to somebody else.`,
      ],
      link: { text: say`Get your site`, url: consoleUrl },
      footer: say`You get this because you asked ${from.brand} for a trial and are on the waiting list.`,
    }),
    expiresAt: entry.until,
  }
}

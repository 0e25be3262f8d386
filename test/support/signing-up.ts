import { createProofOfWork } from '../../adapters/altcha/proof-of-work.ts'
import { createRandomness } from '../../adapters/randomness.ts'
import { plusMilliseconds, toInstant } from '../../core/instant.ts'
import type { MailMessage } from '../../core/ports/delivery.ts'
import type { AbusePolicy } from '../../lambdas/signup/abuse/abuse-policy.ts'
import { recordingLog } from './fixed-ports.ts'
import { noOffers } from './no-offers.ts'
import { openTestStore } from './open-test-store.ts'
import { samplePolicies } from './sample-policy.ts'

/** Nothing is refused, so that tests of other things need not count. */
export const unlimited: AbusePolicy = {
  signups: { address: [], mailDomain: [], network: [], everyone: [] },
  mails: { address: [], everyone: [] },
  codeTries: { address: [], network: [] },
  sharedMailDomains: [],
  limitLoopback: true,
  proofOfWork: { when: 'never', pressure: 0.5, cost: 1, attempts: 50, hardest: 16, minutes: 5, wrongCodes: [] },
  refuseDisposableMail: false,
  disposableMailDomains: [],
}

/** The real store, a wall clock to turn, a domain clock far from it, and a mailer that keeps one message per id. */
export const openSigningUp = async () => {
  const store = await openTestStore(samplePolicies)
  const mails = new Map<string, MailMessage>()
  const world = {
    now: toInstant(new Date(Date.UTC(2026, 2, 1, 12))),
    /** Set, the mailer refuses. */
    outage: undefined as Error | undefined,
    mails,
    pass: (milliseconds: number) => {
      world.now = plusMilliseconds(world.now, milliseconds)
    },
    lastCode: (): string => [...mails.values()].at(-1)?.code ?? 'no mail came',
    /** A code that is not the right one. */
    wrongCode: (): string => world.lastCode().replace(/^./, (letter) => (letter === 'B' ? 'C' : 'B')),
  }
  const ports = {
    ...store,
    clocks: { wall: () => world.now, domain: () => '2030-01-01T00:00:00.000Z' },
    randomness: createRandomness(),
    codeSecret: async () => 'secret',
    abuse: unlimited,
    auditPolicy: { retentionDays: 400 },
    disposableDomains: new Set<string>(),
    freeMailDomains: new Set(['gmail.com']),
    proofOfWork: createProofOfWork({ signatureSecret: 'a', keySecret: 'b', ...unlimited.proofOfWork }),
    offers: noOffers,
    log: recordingLog(),
    brand: 'Sitewright',
    consoleUrl: 'http://localhost:4000',
    mailer: {
      send: async (message: MailMessage) => {
        if (world.outage !== undefined) throw world.outage
        mails.set(message.id, message)
      },
    },
  }
  return { ports, world, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

export type SigningUp = Awaited<ReturnType<typeof openSigningUp>>

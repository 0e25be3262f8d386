import { defined } from '../../core/defined.ts'
import { emailHash } from '../../core/email.ts'
import { isErrorOfKind, SitewrightError } from '../../core/errors.ts'
import { plusMilliseconds } from '../../core/instant.ts'
import { composeMail } from '../../core/mail/mail-message.ts'
import { countInWindows } from '../rate-limits/count-in-windows.ts'
import { isLimited, networkOf } from '../rate-limits/network.ts'
import { codeHash, codeMatches, codeOf } from '../signup/signup.ts'
import { auditOrigin, operatorAudited, visitorAudited } from './audit/audit-entry.ts'
import { countRefusal } from './audit/refusals.ts'
import {
  admitTry,
  attemptMinutes,
  attemptTries,
  type Caller,
  counting,
  type NewOperatorSession,
  newOperatorSession,
  type OperatorAttempt,
  type SignInPorts,
} from './operator-session.ts'
import type { OperatorSignIn } from './ports.ts'

export type SignInByCode = Extract<OperatorSignIn, { readonly method: 'code-and-totp' }>

export interface SignInByCodePorts extends SignInPorts {
  readonly brand: string
}

const codeMail = (attempt: OperatorAttempt, to: string, secret: string, brand: string) => ({
  ...composeMail({
    id: attempt.id.replace(/^ops_/, 'msg_'),
    from: { brand },
    to,
    subject: `Your ${brand} operator code`,
    paragraphs: [
      `Enter this code and the one-time password of your authenticator. The code works once, within ${attemptMinutes} minutes after it was requested.`,
    ],
    code: codeOf(secret, attempt.id),
    footer: `Somebody is signing in as an operator of ${brand} with your address. If that was not you, tell your administrator.`,
  }),
  expiresAt: attempt.expiresAt,
})

/**
 * Requests of codes. That of an address is several times that of a network, so that no network can lock an operator out. None is for
 * a day, so that many networks can do so for a quarter of an hour only.
 */
export const codeLimits = {
  addressAndNetwork: [{ limit: 10, minutes: 15 }],
  network: [{ limit: 20, minutes: 15 }],
  address: [{ limit: 60, minutes: 15 }],
}

/**
 * Begins a sign-in, and mails the code if the address is an operator's. It counts, stores and answers the same for every address.
 * The mail is not awaited, because that would take longer for an operator's address.
 * @throws {SitewrightError} `RateLimited`.
 */
export const beginSignInByCode = async (
  ports: SignInByCodePorts,
  way: SignInByCode,
  { email, sourceIp }: { readonly email: string; readonly sourceIp: string },
): Promise<OperatorAttempt> => {
  const { clocks, randomness, abuse, brand, log } = ports
  const network = networkOf(sourceIp)
  const hash = emailHash(email)
  const count = counting(ports, way)
  // A network that is over its limits cannot use up those of an address.
  await countInWindows(count, [
    {
      of: 'operator codes of address and network',
      name: `${hash} ${network.name}`,
      limits: codeLimits.addressAndNetwork,
    },
    ...(isLimited(abuse, network)
      ? [{ of: 'operator codes of network', name: network.name, limits: codeLimits.network } as const]
      : []),
  ])
  await countInWindows(count, [{ of: 'operator codes of address', name: hash, limits: codeLimits.address }])
  const operator = await way.people.find(email)
  const createdAt = clocks.wall()
  const attempt: OperatorAttempt = {
    schemaVersion: 1,
    id: randomness.id('ops'),
    ...defined({ operator }),
    createdAt,
    expiresAt: plusMilliseconds(createdAt, attemptMinutes * 60_000),
    tries: 0,
  }
  await way.attempts.create(attempt)
  if (operator !== undefined) {
    way.mailer.send(codeMail(attempt, operator.email, way.secret, brand)).catch((error: unknown) => {
      log.error(
        { event: 'operator-code-not-mailed', err: error, operatorId: operator.operatorId },
        'a code was not mailed',
      )
    })
  }
  return attempt
}

/** It does not say which of them is wrong, nor whether the address is an operator's. */
const wrong = (): SitewrightError =>
  new SitewrightError('CodeWrong', 'The code or the one-time password is wrong, or was used before.', {
    fields: [
      { path: 'code', message: 'The code or the one-time password is wrong.' },
      { path: 'totp', message: 'The code or the one-time password is wrong.' },
    ],
  })

const countTry = async (way: SignInByCode, id: OperatorAttempt['id'], now: string): Promise<OperatorAttempt> => {
  const result = await way.attempts.countTry(id, attemptTries, now)
  switch (result.outcome) {
    case 'counted':
      return result.attempt
    case 'unknown':
      throw new SitewrightError('NotFound', 'There is no such sign-in. Request a new code.')
    case 'exhausted':
      throw new SitewrightError('CodeExhausted', 'There were too many wrong attempts on this code. Request a new one.')
    case 'expired':
    case 'used':
      throw new SitewrightError('CodeExpired', 'This code has expired or was used already. Request a new one.')
  }
}

/** Tries on the one-time password of an operator, with the right code: nobody else can use them up. */
const passwordLimits = [
  { limit: 10, minutes: 15 },
  { limit: 30, minutes: 1440 },
]

interface Given {
  readonly id: OperatorAttempt['id']
  readonly code: string
  readonly password: string
}

const check = async (
  ports: SignInByCodePorts,
  way: SignInByCode,
  { attempt, code, password }: Omit<Given, 'id'> & { readonly attempt: OperatorAttempt },
): Promise<{ readonly operator: NonNullable<OperatorAttempt['operator']>; readonly step: number }> => {
  const { operator, id } = attempt
  const isRight = codeMatches(codeHash(way.secret, id, codeOf(way.secret, id)), way.secret, id, code)
  if (operator === undefined || !isRight) throw wrong()
  await countInWindows(counting(ports, way), [
    { of: 'one-time passwords of operator', name: operator.operatorId, limits: passwordLimits },
  ])
  // The list may have changed since the mail.
  const present = await way.people.find(operator.email)
  if (present?.listedAs !== operator.listedAs) throw wrong()
  const step = way.people.stepOf(present, password, ports.clocks.wall())
  if (step === undefined) throw wrong()
  return { operator: present, step }
}

/**
 * Exchanges the mailed code and a one-time password for a session. Both work once.
 * @throws {SitewrightError} `NotFound`, `CodeWrong`, `CodeExpired`, `CodeExhausted`, `RateLimited`.
 */
export const finishSignInByCode = async (
  ports: SignInByCodePorts,
  way: SignInByCode,
  { caller, ...given }: Given & { readonly caller: Caller },
): Promise<NewOperatorSession> => {
  await admitTry(ports, way, caller.sourceIp)
  const attempt = await countTry(way, given.id, ports.clocks.wall())
  try {
    const { operator, step } = await check(ports, way, { ...given, attempt })
    const opened = newOperatorSession(ports, operator, caller)
    const { session, entry } = opened
    if (!(await way.attempts.complete({ attempt, step, session, entry }))) throw wrong()
    return opened
  } catch (error) {
    if (isErrorOfKind(error, 'CodeWrong')) {
      const who = attempt.operator === undefined ? visitorAudited : operatorAudited(attempt.operator)
      const from = auditOrigin(caller.sourceIp, caller.userAgent)
      await countRefusal(ports, { who, problem: 'urn:sitewright:problem:code-wrong', from })
    }
    throw error
  }
}

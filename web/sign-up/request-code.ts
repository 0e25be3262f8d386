import { api, base, bodyOf, isKind } from '../api/client.ts'
import { tabStorage } from '../api/storage.ts'
import type { PageSettings } from '../settings.ts'
import { PageError } from '../ui/use-page.ts'
import { offerOfPage } from './offer.ts'
import type { Challenge, Proof } from './solve-challenge.ts'
import { isSameAddress } from './suggestions.ts'

/** The address of the worker's script; the build knows it. */
declare const PROOF_WORKER: string

const failure = (message: string): PageError => new PageError('email.proof-failed', message)

const prove = async (challenge: Challenge): Promise<Proof> => {
  const worker = new Worker(PROOF_WORKER)
  try {
    return await new Promise((resolve, reject) => {
      worker.addEventListener('message', ({ data }) =>
        data.proof ? resolve(data.proof) : reject(failure(data.reason)),
      )
      worker.addEventListener('error', ({ message }) => reject(failure(message)))
      worker.postMessage(challenge)
    })
  } finally {
    worker.terminate()
  }
}

/** Challenges can get harder while one is being solved. */
const maxChallenges = 3

/** Sends a request; if the answer is a challenge, solves it and sends the request again. */
const withProof = async <Answer>(
  send: (proof: { proof?: Proof }) => Promise<Answer>,
  onChallenge: () => void,
): Promise<Answer> => {
  let proof: { proof?: Proof } = {}
  for (let challenges = 0; ; challenges += 1) {
    try {
      return await send(proof)
    } catch (error) {
      if (!isKind(error, 'proof-of-work-required') || challenges === maxChallenges) throw error
      const { challenge } = error.problem
      if (challenge === undefined) throw error
      onChallenge()
      proof = { proof: await prove(challenge) }
    }
  }
}

/** What a visitor typed on the first screen, for a new code and for suggestions. It holds no token. */
export interface Started {
  readonly email: string
  readonly acceptedTerms: boolean
  /** To marketing. */
  readonly hasConsent?: boolean
  /** By the ids of their questions. */
  readonly answers?: Readonly<Record<string, string>>
  /** When the code was requested, in milliseconds. */
  readonly at: number
}

const key = 'sign-up'

export const startedBefore = (): Started | undefined => {
  const text = tabStorage.getItem(key)
  return text === null ? undefined : JSON.parse(text)
}

/** Whether this tab's sign-up is that of an address. */
export const isStartedFor = (email: string): boolean => {
  const started = startedBefore()
  return started !== undefined && isSameAddress(started.email, email)
}

/** The time zone for deadlines in mails; empty if the browser does not know it. */
const timeZone = (): { timeZone?: string } => {
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions()
  return name === undefined || name === 'Etc/Unknown' ? {} : { timeZone: name }
}

/** The version of the text of the consent to marketing: a new text has a new one. */
export const marketingText = 'sign-up-2'

const clickIds = ['gclid', 'gbraid', 'wbraid', 'dclid', 'fbclid', 'msclkid', 'ttclid', 'li_fat_id', 'twclid']

const found = (
  query: URLSearchParams,
  names: readonly string[],
  longest: number,
  prefix = '',
): Record<string, string> =>
  Object.fromEntries(
    names.flatMap((name) => {
      const value = query.get(`${prefix}${name}`)
      return value ? [[name, value.slice(0, longest).replace(/[\ud800-\udbff]$/, '')]] : []
    }),
  )

/** The blueprint of a link to this page, such as `/?blueprint=shop`; undefined if it is not offered: an old link refuses nobody. */
export const blueprintOfLink = ({ products }: PageSettings): string | undefined => {
  const asked = new URLSearchParams(location.search).get('blueprint')
  return products.find(({ name }) => name === asked)?.name
}

/** The address of a screen. It keeps the query and loads no page, so a later request has the same source and blueprint. */
export const screenAt = (path: string): string => `${base()}/${location.search}#/${path}`

/** The visitor's source, from the URL and the referrer; not with Global Privacy Control. */
export const attribution = (
  hasConsent: boolean,
): { readonly attribution?: Readonly<Record<string, string | Record<string, string>>> } => {
  if ('globalPrivacyControl' in navigator && navigator.globalPrivacyControl === true) return {}
  const query = new URLSearchParams(location.search)
  const isFromOutside = document.referrer !== '' && !document.referrer.startsWith(location.origin)
  return {
    attribution: {
      ...found(query, ['source', 'medium', 'campaign', 'term', 'content'], 200, 'utm_'),
      landingPage: location.pathname.slice(0, 2000),
      ...(isFromOutside ? { referrer: document.referrer.slice(0, 2000) } : {}),
      ...(hasConsent ? { clickIds: found(query, clickIds, 500) } : {}),
    },
  }
}

/** Asks for a code. @returns the sign-up's id. */
export const requestCode = async (
  { email, acceptedTerms, hasConsent = false, answers = {} }: Omit<Started, 'at'>,
  settings: PageSettings,
  onChallenge: () => void,
): Promise<string> => {
  const blueprint = blueprintOfLink(settings)
  const body = {
    email,
    ...(acceptedTerms ? { acceptedTerms } : {}),
    ...(blueprint === undefined ? {} : { blueprint }),
    ...offerOfPage(settings, document.cookie),
    ...timeZone(),
    language: document.documentElement.lang,
    answers,
    ...(hasConsent ? { marketingConsent: marketingText } : {}),
    ...attribution(hasConsent),
  }
  const { id } = await withProof(
    (proof) => bodyOf(api.POST('/v1/signups', { body: { ...body, ...proof } })),
    onChallenge,
  )
  const started: Started = { email, acceptedTerms, hasConsent, answers, at: Date.now() }
  tabStorage.setItem(key, JSON.stringify(started))
  return id
}

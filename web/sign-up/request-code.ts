import { api, bodyOf } from '../api/client.ts'
import { withProof } from './prove.ts'

/** What a visitor typed on the first screen, for a new code and for suggestions. It holds no token. */
export interface Started {
  readonly email: string
  readonly acceptedTerms: boolean
  /** When the code was requested, in milliseconds. */
  readonly at: number
}

const key = 'sign-up'

export const startedBefore = (): Started | undefined => {
  const text = sessionStorage.getItem(key)
  return text === null ? undefined : JSON.parse(text)
}

/** The time zone for deadlines in mails; empty if the browser does not know it. */
const timeZone = (): { timeZone?: string } => {
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions()
  return name === undefined || name === 'Etc/Unknown' ? {} : { timeZone: name }
}

/** The visitor's source, from the URL and the referrer. */
const attribution = () => {
  const query = new URLSearchParams(location.search)
  const found: Record<string, string> = {}
  for (const name of ['source', 'medium', 'campaign', 'term', 'content']) {
    const value = query.get(`utm_${name}`)
    if (value) found[name] = value.slice(0, 200)
  }
  if (Object.keys(found).length > 0) found['landingPage'] = `${location.origin}${location.pathname}`
  if (document.referrer && !document.referrer.startsWith(location.origin)) {
    found['referrer'] = document.referrer.slice(0, 2000)
  }
  return Object.keys(found).length === 0 ? {} : { attribution: found }
}

/** Asks for a code. @returns the sign-up's id. */
export const requestCode = async (
  { email, acceptedTerms }: Omit<Started, 'at'>,
  onChallenge: () => void,
): Promise<string> => {
  const blueprint = new URLSearchParams(location.search).get('blueprint')
  const body = {
    email,
    ...(acceptedTerms ? { acceptedTerms } : {}),
    ...(blueprint ? { blueprint } : {}),
    ...timeZone(),
    ...attribution(),
  }
  const { id } = await withProof(
    (proof) => bodyOf(api.POST('/v1/signups', { body: { ...body, ...proof } })),
    onChallenge,
  )
  const started: Started = { email, acceptedTerms, at: Date.now() }
  sessionStorage.setItem(key, JSON.stringify(started))
  return id
}

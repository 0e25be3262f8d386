// @ts-check
import { ApiError, call } from './api.js'
import { element, formOf, input, showSection } from './dom.js'
import { fieldError, onSubmit } from './form.js'
import { prove } from './prove.js'

/** The time zone for deadlines in mails; empty if the browser does not know it. */
const timeZone = () => {
  const { timeZone: name } = Intl.DateTimeFormat().resolvedOptions()
  return name === undefined || name === 'Etc/Unknown' ? {} : { timeZone: name }
}

/** The visitor's source, from the URL and the referrer. */
const attribution = () => {
  const query = new URLSearchParams(location.search)
  /** @type {Record<string, string>} */
  const found = {}
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

/** Challenges can get harder while one is being solved. */
const mostChallenges = 3

/**
 * Sends a request; if the answer is a challenge, solves it and sends the request again.
 * @param {(proof: object) => Promise<any>} send
 */
const withProof = async (send) => {
  const note = element('start-note')
  let proof = {}
  try {
    for (let challenges = 0; ; challenges += 1) {
      try {
        return await send(proof)
      } catch (error) {
        if (!(error instanceof ApiError) || error.challenge === undefined || challenges === mostChallenges) throw error
        note.textContent = 'One moment: many people are signing up, so we check that you are not a bot.'
        proof = { proof: await prove(error.challenge) }
      }
    }
  } finally {
    note.textContent = ''
  }
}

/** @param {string} email @param {boolean} acceptedTerms */
const requestCode = async (email, acceptedTerms) => {
  const blueprint = new URLSearchParams(location.search).get('blueprint')
  const body = {
    email,
    ...(acceptedTerms ? { acceptedTerms } : {}),
    ...(blueprint ? { blueprint } : {}),
    ...timeZone(),
    ...attribution(),
  }
  const signup = await withProof((proof) => call('POST', '/v1/signups', { body: { ...body, ...proof } }))
  sessionStorage.setItem('email', email)
  location.hash = `#/signups/${signup.id}`
}

/**
 * Signs in. If the answer to the right code was lost but its cookie arrived, the server refuses a second attempt, and the
 * session shows that the first one succeeded.
 * @param {string} signupId @param {string} code
 */
const verify = async (signupId, code) => {
  try {
    await call('POST', `/v1/signups/${encodeURIComponent(signupId)}/verification`, { body: { code } })
  } catch (error) {
    if (!(error instanceof ApiError) || error.status === 0) throw error
    const session = await call('GET', '/v1/session').catch(() => undefined)
    if (session === undefined || session.account.email !== sessionStorage.getItem('email')) throw error
  }
  // The code must not stay in the address or in the history.
  location.replace('#/')
}

/** Shows the link to the mailbox page, which only one machine has. */
const offerLocalMailbox = async () => {
  const response = await fetch('/_local/mail', { headers: { accept: 'application/json' } }).catch(() => undefined)
  const isMailbox = response?.ok && response.headers.get('content-type')?.includes('json')
  element('local-mail').toggleAttribute('hidden', !isMailbox)
}

/** The steps from an e-mail address to a session. */
export const signupSteps = () => {
  /** @type {{signupId: string, code: string}} */
  let current = { signupId: '', code: '' }

  const startForm = onSubmit(formOf('start-form'), async (values) => {
    const email = String(values.get('email') ?? '').trim()
    if (!/^\S+@\S+$/.test(email)) throw fieldError('email', 'Type your e-mail address, such as ada@example.com.')
    await requestCode(email, values.has('acceptedTerms'))
  })
  const codeForm = onSubmit(formOf('code-form'), async (values) => {
    const code = String(values.get('code') ?? '').replace(/\D/g, '')
    if (code.length !== 6) throw fieldError('code', 'Type the six digits from the mail.')
    await verify(current.signupId, code)
  })
  const confirmForm = onSubmit(formOf('confirm-form'), () => verify(current.signupId, current.code))

  element('new-code').addEventListener('click', () => {
    input('email').value = sessionStorage.getItem('email') ?? ''
    location.hash = '#/'
  })

  return {
    showStart: () => {
      startForm.clear()
      showSection('start')
    },
    /** @param {string} signupId @param {string | null} code from a mail's link; it needs a confirmation. */
    showCode: (signupId, code) => {
      current = { signupId, code: code ?? '' }
      if (code !== null) {
        confirmForm.clear()
        showSection('confirm')
        return
      }
      codeForm.clear()
      input('code-input').value = ''
      element('code-email').textContent = sessionStorage.getItem('email') ?? 'your mailbox'
      void offerLocalMailbox()
      showSection('code')
    },
  }
}

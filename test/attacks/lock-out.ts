import { randomBytes } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as z from 'zod'
import { demoApi } from '../acceptance/api.ts'
import { signUp } from '../acceptance/walk.ts'
import { httpCall } from '../support/http-call.ts'
import { type Attack, callAs, doMany, keepDoing, type Scene, statusCounter } from './attack.ts'

const mailboxSchema = z.looseObject({
  messages: z.array(z.looseObject({ id: z.string(), code: z.string().optional() })),
})

/** The code of a person's own mail or, if none came because there were too many, of the newest one. */
const findCode = async ({ origin }: Scene, email: string, signupId: string): Promise<string> => {
  const { json } = await httpCall({ url: `${origin}/_local/mail?to=${encodeURIComponent(email)}` })
  const { messages } = mailboxSchema.parse(json)
  const own = messages.find(({ id }) => id === signupId.replace('sgn_', 'msg_'))
  const code = (own ?? messages.find((message) => message.code !== undefined))?.code
  if (code === undefined) throw new Error(`no mail with a code came to ${email}`)
  return code
}

const strangers = (number: number): string => `198.18.${Math.floor(number / 250) % 250}.${1 + (number % 250)}`

const askForCode = ({ origin }: Scene, email: string, address: string) =>
  callAs(address)({ method: 'POST', url: `${origin}/v1/signups`, body: { email } })

const signupSchema = z.looseObject({ id: z.string() })

const guesser = '198.51.100.1'

/** A stranger asks for codes for a person's address from many networks, and tries wrong ones from one. */
export const lockOutPerson = (): Attack => {
  const run = randomBytes(4).toString('hex')
  const victims = Array.from({ length: 10 }, (_, index) => `person${index}${run}@gmail.com`)
  return {
    name: 'lock-out of a person',
    begin: async (scene) => {
      const statuses = statusCounter()
      let turn = 0
      const harm = async (): Promise<void> => {
        const email = victims[turn % victims.length] ?? ''
        // Few from each network, so that none needs a proof.
        const address = strangers(turn % 40)
        turn += 1
        const answer = await askForCode(scene, email, address)
        statuses.count(answer)
        const signup = signupSchema.safeParse(answer.json)
        if (!signup.success) return
        const url = `${scene.origin}/v1/signups/${signup.data.id}/verification`
        for (let tries = 0; tries < 2; tries += 1) {
          statuses.count(await callAs(guesser)({ method: 'POST', url, body: { code: '000000' } }))
        }
      }
      await doMany(16 * victims.length, 4, harm)
      const attack = keepDoing(harm, { everyMilliseconds: 200 })
      return { summary: () => `10 victims, from 40 networks: ${statuses.text()}`, end: attack.end }
    },
    visit: async (scene, { number, call }) => {
      const api = demoApi(scene.origin, undefined, call)
      const email = victims[number % victims.length] ?? ''
      const { id } = await signUp(api, email)
      const verify = async () => api.verify(id, await findCode(scene, email, id))
      // Their mail may come a moment after an older one was read.
      await verify().catch(() => pause(500).then(verify))
    },
  }
}

/** Strangers from many networks ask for codes, without proofs. Honest people of a domain ask for theirs. */
const lockOutMany = (
  name: string,
  {
    first,
    everyMilliseconds,
    emailOf,
    honestDomain,
  }: {
    readonly first: number
    readonly everyMilliseconds: number
    readonly emailOf: (number: number) => string
    readonly honestDomain: string
  },
): Attack => ({
  name,
  begin: async (scene) => {
    const statuses = statusCounter()
    let turn = 0
    const harm = async (): Promise<void> => {
      turn += 1
      statuses.count(await askForCode(scene, emailOf(turn), strangers(turn)))
    }
    await doMany(first, 20, harm)
    const attack = keepDoing(() => doMany(5, 5, harm), { everyMilliseconds })
    return { summary: () => `from ${turn} networks: ${statuses.text()}`, end: attack.end }
  },
  visit: async ({ origin }, { number, call }) => {
    await signUp(demoApi(origin, undefined, call), `honest${number}@${honestDomain}`)
  },
})

export const lockOutCompany = (): Attack => {
  const domain = `company-${randomBytes(4).toString('hex')}.example`
  return lockOutMany('lock-out of a company', {
    first: 150,
    everyMilliseconds: 2000,
    emailOf: (number) => `stranger${number}@${domain}`,
    honestDomain: domain,
  })
}

export const lockOutEveryone = (): Attack => {
  const run = randomBytes(4).toString('hex')
  return lockOutMany('lock-out of everyone', {
    first: 700,
    everyMilliseconds: 250,
    emailOf: (number) => `stranger@domain-${number}-${run}.example`,
    honestDomain: `honest-${run}.example`,
  })
}

import { afterEach, beforeEach, expect, it } from 'vitest'
import config from '../../sitewright.config.ts'
import type { ApiStage } from '../lambdas/api-stage.ts'
import { makeKnown, openStrictStage, startSignup, verify, wrongCode } from './strangers.ts'

let stage: ApiStage
let calls: string[]

/** No calls to the outside: values, clocks, computation. */
const notPorts = ['clocks', 'randomness', 'log', 'offers', 'plans', 'policies', 'pool', 'abuse']

const recorded = <Port extends object>(name: string, port: Port): Port =>
  new Proxy(port, {
    get: (target, property, receiver) => {
      const member: unknown = Reflect.get(target, property, receiver)
      if (typeof member !== 'function') return member
      return (...args: unknown[]) => {
        calls.push(`${name}.${String(property)} ${JSON.stringify(args)}`)
        return member.apply(target, args)
      }
    },
  })

beforeEach(async () => {
  calls = []
  stage = await openStrictStage({ ...config.abuse, limitLoopback: true }, (ports) =>
    Object.fromEntries(
      Object.entries(ports)
        .filter(([name, port]) => typeof port === 'object' && !notPorts.includes(name))
        .map(([name, port]) => [name, recorded(name, port)]),
    ),
  )
})
afterEach(async () => stage?.[Symbol.asyncDispose]())

/** What differs from one sign-up to the next in any case: ids, hashes and codes. */
const masked = (text: string): string =>
  text
    .replaceAll(/[a-z]+_[0-9a-hjkmnp-tv-z]{26}/g, '<id>')
    .replaceAll(/[0-9a-f]{64}/g, '<hash>')
    .replaceAll(/"key":"[\w-]{43}"/g, '"key":"<key>"')
    .replaceAll(/code=[\w-]{20}/g, 'code=<link>')
    .replaceAll(/(?<![A-Z])[B-Z]{4}-[B-Z]{4}(?![A-Z])/g, '<code>')
    .replaceAll(/(?:un)?known@example\.com/g, '<email>')

const callsOf = async (work: () => Promise<unknown>): Promise<string[]> => {
  calls = []
  await work()
  return calls.map(masked)
}

it('a known address and an unknown one get the same answer by the same calls', async () => {
  await makeKnown(stage, 'known@example.com')
  const answers: string[] = []
  const start = (email: string) => () =>
    startSignup(stage, email).then((answer) => answers.push(masked(JSON.stringify(answer))))
  const ofKnown = await callsOf(start('known@example.com'))
  const ofUnknown = await callsOf(start('unknown@example.com'))
  expect(ofKnown).toEqual(ofUnknown)
  expect(ofKnown.map((call) => call.split(' ')[0])).toEqual([
    'rateWindows.count',
    'rateWindows.read',
    'signups.create',
    'rateWindows.count',
    'mailer.send',
  ])
  expect(answers[0]).toBe(answers[1])
  expect(answers[0]).toContain('"status":201')
})

it('a wrong code is the same for both, in its answer and its calls', async () => {
  await makeKnown(stage, 'known@example.com')
  const outcome = async (email: string) => {
    const { json } = await startSignup(stage, email)
    let answer = ''
    const made = await callsOf(async () => {
      answer = JSON.stringify(await verify(stage, String(json['id']), wrongCode(stage.codeFor(email))))
    })
    return { answer, made }
  }
  const [ofKnown, ofUnknown] = [await outcome('known@example.com'), await outcome('unknown@example.com')]
  expect(ofKnown).toEqual(ofUnknown)
  expect(ofKnown.made.map((call) => call.split(' ')[0])).toEqual([
    'signups.get',
    'rateWindows.count',
    'rateWindows.count',
    'rateWindows.count',
    'signups.countTry',
    'rateWindows.count',
    // The window of wrong codes.
    'rateWindows.count',
  ])
})

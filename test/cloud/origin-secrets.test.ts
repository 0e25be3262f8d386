import { beforeEach, expect, it, onTestFinished, vi } from 'vitest'
import { openOriginSecrets } from '../../cloud/parts/rotated-secrets.ts'

const environment = { ORIGIN_SECRET: 'arn:aws:secretsmanager:eu-central-1:1:secret:origin' }
let now: number
let asked: number
let answer: () => readonly string[] | Promise<readonly string[]>
let warned: string[]

beforeEach(() => {
  now = 1000
  asked = 0
  answer = () => ['the new one', 'the old one']
  warned = []
})

const open = () => {
  const line = (_fields: object, message: string) => warned.push(message)
  const valuesOf = async (id: string) => {
    expect(id).toBe(environment.ORIGIN_SECRET)
    asked += 1
    return answer()
  }
  return openOriginSecrets(
    { variable: (name) => environment[name as 'ORIGIN_SECRET'], log: { info: line, warn: line, error: line } },
    { valuesOf },
    () => now,
  )
}
const away = () => {
  throw new Error('no answer')
}

it('is what the store says', async () => {
  const originSecrets = open()
  expect(await originSecrets()).toEqual(['the new one', 'the old one'])
  answer = () => ['the new one']
  expect(await originSecrets()).toEqual(['the new one'])
})

it('fails as long as the store has never said anything, and asks again', async () => {
  const originSecrets = open()
  answer = away
  await expect(originSecrets()).rejects.toThrow('no answer')
  await expect(originSecrets()).rejects.toThrow('no answer')
  answer = () => ['the new one']
  expect(await originSecrets()).toEqual(['the new one'])
})

it('stays what it was while the store does not answer, which is asked once a minute then', async () => {
  const originSecrets = open()
  await originSecrets()
  answer = away
  for (let request = 0; request < 5; request += 1) {
    expect(await originSecrets()).toEqual(['the new one', 'the old one'])
  }
  expect([asked, warned.length]).toEqual([2, 1])
  now += 60_000
  answer = () => ['a newer one']
  expect(await originSecrets()).toEqual(['a newer one'])
})

it('stays what it was where the store hangs, long before a call of a function ends', async () => {
  const originSecrets = open()
  await originSecrets()
  answer = () => new Promise(() => undefined)
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const shown = originSecrets()
  await vi.advanceTimersByTimeAsync(5000)
  expect(await Promise.race([shown, 'none yet'])).toEqual(['the new one', 'the old one'])
})

import { expect, test } from 'vitest'
import { oneAtATime } from '../../../adapters/site-runtime/one-at-a-time.ts'

const recorder = () => {
  const seen: string[] = []
  const work = (name: string) => async () => {
    seen.push(`${name} begins`)
    await new Promise(setImmediate)
    seen.push(`${name} ends`)
    return name
  }
  return { seen, work }
}

test('work under one key runs in turn, and every caller gets its own result', async () => {
  const { seen, work } = recorder()
  const run = oneAtATime()
  expect(await Promise.all([run('key', work('first')), run('key', work('second'))])).toEqual(['first', 'second'])
  expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends'])
})

test('work under different keys runs at once', async () => {
  const { seen, work } = recorder()
  const run = oneAtATime()
  await Promise.all([run('a', work('first')), run('b', work('second'))])
  expect(seen.slice(0, 2)).toEqual(['first begins', 'second begins'])
})

test('a failure reaches its caller and nobody who waits behind it', async () => {
  const run = oneAtATime()
  const failing = run('key', () => Promise.reject(new Error('no')))
  const next = run('key', async () => 'went on')
  await expect(failing).rejects.toThrow('no')
  expect(await next).toBe('went on')
})

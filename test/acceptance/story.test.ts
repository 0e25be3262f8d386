import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { check, createMailRecord } from './expectations.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

const runDemo = async (...options: readonly string[]) => {
  const child = spawn(process.execPath, ['test/acceptance/run.ts', ...options], { cwd: repository })
  let output = ''
  child.stderr.on('data', (chunk) => {
    output += String(chunk)
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

it.each([
  [
    ['--story', 'nonsense'],
    'must be signup, trial, subscribe, sleep, release, product, market, enterprise, move or team',
  ],
  [['--story', 'trial', '--url', 'https://try.example.com'], 'leave out --url'],
])('the demo with %j ends with 1 and says why', async (options, words) => {
  const { code, output } = await runDemo(...options)
  expect(code).toBe(1)
  expect(output).toContain(words)
})

it('what is not as it should be is named', () => {
  expect(() => check('data directories', ['a'], ['a'])).not.toThrow()
  expect(() => check('data directories', ['a', 'b'], ['a'])).toThrow('data directories: ["a","b"] instead of ["a"]')
})

it('a mail may come a moment late, and is noticed where it comes twice', async () => {
  const subjects = ['Your code is 123456']
  const mails = createMailRecord(async () => subjects)
  setTimeout(() => subjects.push('It ends'), 100)
  await mails.expect('It ends')
  subjects.push('It ends')
  await expect(createMailRecord(async () => subjects, 0).expect('It ends')).rejects.toThrow('mails')
  expect(mails.counted()).toEqual(['1 × It ends'])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { httpCall } from '../support/http-call.ts'
import { type StartedHost, startHost } from '../support/start-host.ts'
import { codeFromMailbox } from './find-code.ts'
import { withOwnHosts } from './start-host.ts'
import { createTimeline } from './timeline.ts'

const repository = fileURLToPath(new URL('../..', import.meta.url))

type Reply = (question: string) => Promise<string> | string | undefined

/** Runs the demo for somebody who answers what it asks on the terminal; an empty answer ends its input. */
const runDemo = async (options: readonly string[], reply: Reply = () => undefined) => {
  const child = spawn(process.execPath, ['test/acceptance/run.ts', ...options], { cwd: repository })
  let output = ''
  let unread = ''
  child.stderr.on('data', (chunk) => {
    output += String(chunk)
  })
  child.stdout.on('data', async (chunk) => {
    output += String(chunk)
    unread += String(chunk)
    const question = /^ {4}(.*): $/m.exec(unread)?.[1]
    if (question === undefined) return
    unread = ''
    const answer = await reply(question)
    if (answer === undefined) child.stdin.end()
    else child.stdin.write(`${answer}\n`)
  })
  const [code] = await once(child, 'close')
  return { code, output }
}

let host: StartedHost
beforeAll(async () => {
  host = await startHost({ env: { SITEWRIGHT_POOL_SIZE: '1' } })
})
afterAll(() => host?.stop())

/** The mailbox of the host plays a person who reads their mail. */
const personAt =
  (email: string): Reply =>
  async (question) =>
    question.includes('e-mail address') ? email : (await codeFromMailbox(host.url, email)).replace(/^.../, '$& ')

describe('the demo against a deployment', () => {
  test('asks for an address and its code, and walks from the sign-up to data that is read back', async () => {
    const { code, output } = await runDemo(['--url', host.url], personAt('ada@example.com'))
    expect(output).toContain('Your e-mail address: ')
    expect(output).toContain('The code that was mailed to ada@example.com: ')
    expect(output).toMatch(/✓ read it back +\d+ ms/)
    expect(output).toMatch(/From the code to a site that answers: \d+ ms\. Its first byte came after \d+ ms\./)
    expect(code).toBe(0)
  })

  test('takes the address from its options, and asks again for a code that was mistyped', async () => {
    const email = 'grace@example.com'
    const typed: string[] = []
    const { code, output } = await runDemo(['--url', host.url, '--email', email], async (question) => {
      const right = await codeFromMailbox(host.url, email)
      const answer = typed.length === 0 ? String((Number(right) + 1) % 1_000_000).padStart(6, '0') : right
      typed.push(question)
      return answer
    })
    expect(typed).toHaveLength(2)
    expect(output).not.toContain('Your e-mail address')
    expect(output).toMatch(/✗ hand in the code/)
    expect(output).toMatch(/answered 422: .*code/i)
    expect(output).toMatch(/✓ read it back/)
    expect(code).toBe(0)
  })

  test('says so where the address has had its trial', async () => {
    const again = ['--url', host.url, '--email', 'ada@example.com']
    const { code, output } = await runDemo(again, personAt('ada@example.com'))
    expect(output).toMatch(/The demo failed\. POST .*\/v1\/sites answered 409: .*trial/)
    expect(code).toBe(1)
  })

  test('says how long to wait where an address signs up too often', async () => {
    const body = { email: 'often@example.com' }
    for (let sent = 0; sent < 10; sent += 1) {
      await httpCall({ method: 'POST', url: `${host.url}/v1/signups`, body })
    }
    const { code, output } = await runDemo(['--url', host.url, '--email', body.email])
    expect(output).toMatch(/The demo failed\. POST .* answered 429: .*Try again in \d+ (?:s|minutes?)\./)
    expect(code).toBe(1)
  })

  test('ends where nobody answers its questions', async () => {
    const { code, output } = await runDemo(['--url', host.url])
    expect(output).toContain('The demo failed. The input ended before the question was answered.')
    expect(code).toBe(1)
  })
})

test('the demo says what is wrong where there is no deployment', async () => {
  const { code, output } = await runDemo(['--url', 'http://127.0.0.1:9'])
  expect(output).toContain('✗ find the deployment')
  expect(output).toContain('The demo failed. http://127.0.0.1:9 does not answer')
  expect(code).toBe(1)
})

test.each([
  ['an option that it does not know', ['--ulr', 'http://localhost:4000'], '--ulr'],
  ['what is no address', ['--url', 'try.example.com'], 'must be an http or https address'],
])('the demo names %s', async (_what, options, told) => {
  const { code, output } = await runDemo(options)
  expect(output).toContain(told)
  expect(code).toBe(1)
})

test('its own host has plain processes unless told otherwise, also where it would find an engine', async () => {
  onTestFinished(() => void vi.unstubAllEnvs())
  vi.stubEnv('SITEWRIGHT_RUNTIME', '')
  const timeline = createTimeline(() => undefined)
  const { signal } = new AbortController()
  const program = 'test/support/print-runtime.mjs'
  const started = withOwnHosts({ timeline, signal, program, environments: [{}] }, async () => undefined)
  await expect(started).rejects.toThrow('The runtime is processes.')
})

import { execFile } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'
import config from '../../../sitewright.config.ts'
import { temporaryDirectory } from '../../e2e/temporary-directory.ts'
import { childEnvironment } from '../../support/child-environment.ts'

const program = resolve('bin/site.ts')

/** Runs the command where only these consoles answer, each with its own address. @returns the answer. */
const leaveWith = async (...options: readonly string[]) => {
  await using directory = await temporaryDirectory()
  const stand = join(directory.path, 'stand-in.mjs')
  await writeFile(
    stand,
    `import { MockAgent, setGlobalDispatcher } from ${JSON.stringify(fileURLToPath(import.meta.resolve('undici')))}
     const agent = new MockAgent()
     agent.disableNetConnect()
     setGlobalDispatcher(agent)
     for (const origin of ['https://${config.stages['production']?.console.hostname}', 'https://own.example.com', 'http://localhost:4000']) {
       agent.get(origin).intercept({ path: '/v1/operator/sites/site_1/leave', method: 'POST' })
         .reply(409, { title: 'Refused', detail: 'Asked at ' + origin })
     }`,
  )
  const words = ['leave', 'site_1', '--hostname', 'shop.example.org', '--reason', 'a test', ...options]
  const env = childEnvironment({ SITEWRIGHT_OPERATOR_TOKEN: 'a-token', TMPDIR: directory.path })
  return await promisify(execFile)(process.execPath, ['--import', stand, program, ...words], { env }).then(
    () => 'It left.',
    ({ stderr }: { stderr: string }) => stderr.trim(),
  )
}

it.each([
  [['--stage', 'production'], `https://${config.stages['production']?.console.hostname}`],
  [['--stage', 'production', '--url', 'https://own.example.com'], 'https://own.example.com'],
  [[], 'http://localhost:4000'],
])('site … %j asks the console %s', async (options, origin) => {
  expect(await leaveWith(...options)).toBe(`Asked at ${origin}`)
})

it('refuses a stage that there is not, before it asks anybody', async () => {
  expect(await leaveWith('--stage', 'moon')).toContain('--stage must be a stage of sitewright.config.ts, not moon')
})

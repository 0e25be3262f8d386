import { execFile } from 'node:child_process'
import { resolveCaa, resolveNs } from 'node:dns/promises'
import { promisify } from 'node:util'
import * as z from 'zod'
import { functions, reservedOf } from '../lambdas/manifest.ts'
import config from '../sitewright.config.ts'
import { runCommand } from './command-line/read-options.ts'
import { type Finding, judgeAccount } from './preflight/judge-account.ts'
import { type Reader, readAccount } from './preflight/read-account.ts'

const usage = `Says what an AWS account needs before the first deploy, and what works meanwhile. It reads only.

  npm run preflight -- --stage production

Needs the AWS CLI, version 2, with the account's credentials. Ends with 1 if a deploy would fail.
`

const run = promisify(execFile)
const none = (): readonly never[] => []

const reader: Reader = {
  aws: async (...args) => {
    try {
      return JSON.parse((await run('aws', [...args, '--output', 'json'])).stdout)
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT')
        throw new Error('The AWS CLI is not installed.')
      return undefined
    }
  },
  nameServers: (name) => resolveNs(name).catch(none),
  authorities: async (name) =>
    (await resolveCaa(name).catch(none)).flatMap(({ issue }) => issue?.split(';')[0]?.trim() ?? []),
}

const marks: Readonly<Record<Finding['kind'], string>> = {
  fine: 'ok      ',
  request: 'request ',
  stop: 'STOP    ',
  unknown: 'unknown ',
}

await runCommand(z.object({ stage: z.string().default('production') }), usage, async ({ stage: name }) => {
  const stage = config.stages[name]
  if (stage === undefined) throw new Error(`sitewright.config.ts has no stage '${name}'.`)
  if ((await reader.aws('sts', 'get-caller-identity')) === undefined)
    throw new Error('The shell has no credentials of an account.')
  const reserved = functions.reduce((sum, one) => sum + (reservedOf(one, stage.quotas.lambdaConcurrency) ?? 0), 0)
  const findings = judgeAccount({ config, stage, reserved }, await readAccount(reader, stage))
  for (const { kind, text } of findings) console.log(`${marks[kind]}${text}`)
  return findings.every(({ kind }) => kind !== 'stop')
})

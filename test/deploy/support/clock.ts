import { readFile, rename, writeFile } from 'node:fs/promises'
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import type { FunctionName } from '../../../lambdas/manifest.ts'

const file = (): string => {
  const found = process.env['SITEWRIGHT_MINISTACK_CLOCK']
  if (found) return found
  throw new Error('SITEWRIGHT_MINISTACK_CLOCK is not set: .ci/ministack prints it')
}

const ahead = async (): Promise<number> => Number(await readFile(file(), 'utf8').catch(() => '0'))

/** Advances the clock of all functions. Routers and sites keep the machine's. */
export const advance = async (milliseconds: number): Promise<void> => {
  const next = `${file()}.next`
  await writeFile(next, String((await ahead()) + milliseconds))
  // At once: functions read it meanwhile.
  await rename(next, file())
}

/** What functions take the time to be, in epoch milliseconds. */
export const turnedNow = async (): Promise<number> => Date.now() + (await ahead())

/** Invokes a function as its schedule does each minute. */
export const tick = async (name: FunctionName): Promise<void> => {
  const event = { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} }
  const FunctionName = `sitewright-production-${name}`
  const answer = await new LambdaClient().send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))
  if (answer.FunctionError) throw new Error(`${name}: ${Buffer.from(answer.Payload ?? []).toString()}`)
}

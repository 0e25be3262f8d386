import { readFile, rename, writeFile } from 'node:fs/promises'
import { InvokeCommand, LambdaClient, TooManyRequestsException } from '@aws-sdk/client-lambda'
import type { FunctionName } from '../../../lambdas/manifest.ts'
import { waitFor } from '../../support/wait-for.ts'

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

/** Invokes a function as its schedule does each minute, again if it runs already. */
export const tick = async (name: FunctionName): Promise<void> => {
  const event = { id: 'tick', 'detail-type': 'Scheduled Event', detail: {} }
  const FunctionName = `sitewright-production-${name}`
  const invoke = () => new LambdaClient().send(new InvokeCommand({ FunctionName, Payload: JSON.stringify(event) }))
  const answer = await waitFor(() =>
    invoke().catch((error: unknown) => {
      if (error instanceof TooManyRequestsException) return undefined
      throw error
    }),
  )
  if (answer.FunctionError) throw new Error(`${name}: ${Buffer.from(answer.Payload ?? []).toString()}`)
}

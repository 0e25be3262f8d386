import { subscribe } from 'node:diagnostics_channel'
import { rmSync } from 'node:fs'
import { ClientRequest, createServer } from 'node:http'
import { join } from 'node:path'
import { runHost } from '../../../bin/host/run-host.ts'
import { idSchema } from '../../../core/ids.ts'
import type { Host } from '../../../local/host.ts'
import config from '../../../sitewright.config.ts'

/** More than any load needs. */
const plenty = { requestsPerMinute: 1e9, bandwidthMiBPerMinute: 1e9, connections: 1e9 }
const { signups, mails, codeTries } = config.abuse
const { BENCH_SLEEP_MINUTES, BENCH_LIMITS_WAKES, SITEWRIGHT_HOME = '' } = process.env
const unlimited = { client: [], site: [], everyone: [], button: [], buttonOfClient: [] }

const starting = runHost({
  ...config,
  trials: { maxLive: 1e6, maxNewPerHour: 1e6 },
  abuse: {
    ...config.abuse,
    signups: { ...signups, mailDomain: [], everyone: [] },
    mails: { ...mails, everyone: [] },
    codeTries: { ...codeTries, network: [] },
    proofOfWork: { ...config.abuse.proofOfWork, when: 'never' },
  },
  sleep: BENCH_LIMITS_WAKES === undefined ? { ...config.sleep, wakes: unlimited } : config.sleep,
  plans: config.plans.map((plan) => ({
    ...plan,
    ...(plan.kind === 'trial' ? { sleepAfterMinutes: Number(BENCH_SLEEP_MINUTES ?? 30) } : {}),
    limits: { ...plan.limits, ...plenty },
  })),
})

let writes = 0
subscribe('http.client.request.start', (message) => {
  if (typeof message !== 'object' || message === null || !('request' in message)) return
  if (!(message.request instanceof ClientRequest)) return
  const operation = String(message.request.getHeader('x-amz-target') ?? '')
  if (/\.(Put|Update|Delete|TransactWrite|BatchWrite)/.test(operation)) writes += 1
})

/** Calls every scheduled function as often as in an hour. @returns the writes to DynamoDB meanwhile. */
const passHour = async ({ functions }: Host): Promise<number> => {
  const before = writes
  const clocks = functions.flatMap(({ definition, invoke }) =>
    definition.triggers.flatMap((trigger) => ('everyMinutes' in trigger ? [{ ...trigger, invoke }] : [])),
  )
  for (let minute = 0; minute < 60; minute += 1) {
    const due = clocks.filter(({ everyMinutes }) => minute % everyMinutes === 0)
    const event = { id: `bench-${minute}`, 'detail-type': 'Scheduled Event', detail: {} }
    await Promise.all(due.map(({ invoke }) => invoke(event)))
  }
  return writes - before
}

/** Carries out what the bench asks for: the name of a command and an argument. */
const socket = join(SITEWRIGHT_HOME, 'test/bench.sock')
rmSync(socket, { force: true })
createServer(async (request, response) => {
  const [, command, argument] = (request.url ?? '').split('/')
  try {
    const host = await starting
    const result =
      command === 'sleep' ? await host.requestSleep(idSchema('site').parse(argument)) : await passHour(host)
    response.end(JSON.stringify(result))
  } catch (error) {
    response.writeHead(500).end(String(error))
  }
}).listen(socket)
